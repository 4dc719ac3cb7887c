// Runs one CloudFront function: reads {"code", "event"} from standard input and writes what its handler returns.
// The code sees the language and nothing of Node, as CloudFront's runtime has no files, network, timers or modules.
const vm = require('node:vm');

let input = '';
process.stdin.on('data', (chunk) => { input += chunk; });
process.stdin.on('end', async () => {
    const { code, event } = JSON.parse(input);
    const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
    const script = new vm.Script(`${code}\n;handler(${JSON.stringify(event)});`, { filename: 'function.js' });
    try {
        process.stdout.write(JSON.stringify(await script.runInContext(context, { timeout: 1000 })));
    } catch (error) {
        process.stderr.write(`${error}\n`);
        process.exitCode = 1;
    }
});
