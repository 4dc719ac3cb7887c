"""Single states of the failover: what they may raise."""

from __future__ import annotations

from deployments.failover.states import fail_with


def test_an_error_of_step_functions_own_is_told_and_not_raised() -> None:
    found = fail_with("Failed", "$.error")
    assert found["Failed"]["Choices"] == [
        {
            "And": [
                {"Variable": "$.error.Cause", "IsPresent": True},
                {"Not": {"Variable": "$.error.Error", "StringMatches": "States.*"}},
            ],
            "Next": "Failed, for a reason",
        }
    ]
    assert found["Failed, for a reason"] == {
        "Type": "Fail",
        "ErrorPath": "$.error.Error",
        "CausePath": "$.error.Cause",
    }
    assert found[found["Failed"]["Default"]] == {
        "Type": "Fail",
        "Error": "StepFailed",
        "CausePath": "States.JsonToString($.error)",
    }
