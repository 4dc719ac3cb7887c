// CloudFront function, viewer-request: one spelling for every path, as functions/edge_viewer/paths.py spells it.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html

var AS_IT_IS = /^[A-Za-z0-9\-._~!$&'()*+,;=:@]$/;

function handler(event) {
    var request = event.request;
    request.uri = canonical(request.uri);
    return request;
}

// Needless escapes, empty segments and dots are gone, needed escapes are upper-case; nothing climbs above the root.
function canonical(path) {
    var segments = path.split('/').map(spelled);
    var last = segments[segments.length - 1];
    var kept = [];
    segments.forEach(function (segment) {
        if (segment === '..') {
            kept.pop();
        } else if (segment !== '' && segment !== '.') {
            kept.push(segment);
        }
    });
    var isFolder = last === '' || last === '.' || last === '..';
    return '/' + kept.join('/') + (isFolder && kept.length ? '/' : '');
}

function spelled(segment) {
    var parts = segment.match(/%[0-9A-Fa-f]{2}|[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/g) || [];
    return parts.map(function (part) {
        if (part.length === 3) {
            var character = String.fromCharCode(parseInt(part.slice(1), 16));
            return AS_IT_IS.test(character) ? character : part.toUpperCase();
        }
        return AS_IT_IS.test(part) ? part : encodeURIComponent(part);
    }).join('');
}
