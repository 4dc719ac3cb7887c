"""Faults of `lifeboat review`: what a reviewer would no longer be told."""

from __future__ import annotations

from tests.mutation.mutation import Mutation

REVIEW_MUTATIONS = (
    Mutation(
        name="take a denial with fewer actions for the same",
        file="lifeboat/review/policies.py",
        old="            and self.actions.covers(other.actions)\n",
        new="",
        why="a policy that allows more than before passes review",
        kept_by="../lifeboat/review/test_policies.py",
    ),
    Mutation(
        name="forget that a table cannot be renamed",
        file="lifeboat/review/identity.py",
        old='    "aws_dynamodb_table": "name",\n',
        new="",
        why="the table is replaced by an empty one, and the review showed a changed name",
        kept_by="../lifeboat/review/test_rules.py",
    ),
    Mutation(
        name="take every move for a declared one",
        file="lifeboat/review/comparison.py",
        old="        is_declared = head.moved.get(after.address) == previous\n",
        new="        is_declared = True\n",
        why="a refactoring destroys a database, and the review called it a move",
        kept_by="../lifeboat/review/test_moves.py",
    ),
    Mutation(
        name="watch thresholds that grow alone",
        file="lifeboat/review/rules/alarms.py",
        old='(operator.startswith("Less") and fell)',
        new="False",
        why="an alarm on too little is loosened unseen",
        kept_by="../lifeboat/review/test_rules.py",
    ),
    Mutation(
        name="see an order in sets",
        file="lifeboat/review/differences.py",
        old='    elif ".".join(part for part in path if not part.startswith("[")) in sets:\n',
        new="    elif False:\n",
        why="reviews are full of changes that are none, until nobody reads them",
        kept_by="../lifeboat/review/test_differences.py",
    ),
    Mutation(
        name="show secrets in a review",
        file="lifeboat/review/build.py",
        old="        return SECRET\n",
        new="        pass\n",
        why="a password that was committed by mistake is printed in every pull request as well",
        kept_by="../lifeboat/review/test_report.py",
    ),
    Mutation(
        name="compare regions with themselves",
        file="lifeboat/review/rules/regions.py",
        old="        twin = other if stack is one else one\n",
        new="        twin = stack\n",
        why="the standby drifts away from the primary unseen",
        kept_by="../lifeboat/review/test_report.py",
    ),
    Mutation(
        name="keep plans by the base alone",
        file="lifeboat/review/cache.py",
        old="        for side in (base, head):\n",
        new="        for side in (base, base):\n",
        why="the preview shows the plan of another change",
        kept_by="../lifeboat/review/test_surroundings.py",
    ),
    Mutation(
        name="run provisioners on the reviewer's machine",
        file="lifeboat/review/surroundings.py",
        old='                if isinstance(block, dict) and block.get("provisioner"):\n',
        new="                if False:\n",
        why="a pull request runs its programs wherever its plan is previewed",
        kept_by="../lifeboat/review/test_surroundings.py",
    ),
    Mutation(
        name="let an objective break unseen",
        file="lifeboat/review/rules/objectives.py",
        old="        if after.plan.is_kept or (before and not before.plan.is_kept):\n",
        new="        if after.plan.is_kept or before:\n",
        why="the design can no longer keep its RTO, and nobody is told",
        kept_by="../lifeboat/review/test_objectives.py",
    ),
)
