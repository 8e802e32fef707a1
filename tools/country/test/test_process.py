# SPDX-License-Identifier: Apache-2.0
"""Each kind of unsound process is refused, by name."""
from pack_case import PROCEDURE, PackCase, check, row, sound


def state(v, name):
    return row(v["process"], "states", name)


def action(v, name):
    return row(v["process"], "actions", name)


def remove(rows, name):
    rows[:] = [r for r in rows if r["name"] != name]


class Process(PackCase):
    def refused(self, change, reason):
        self.assert_refused(PROCEDURE, change, reason)

    def test_a_dead_end(self):
        def change(v):
            for name in ("card_issued", "card_refused"):
                action(v, name)["to"] = "card_pending"
        self.refused(change, "dead end: no way from card_pending to an end")

    def test_a_state_nobody_reaches(self):
        self.refused(lambda v: remove(v["process"]["actions"], "pin_refused"),
                     "state conflict cannot be reached")

    def test_an_unknown_owner(self):
        self.refused(lambda v: state(v, "signing").update(owner_role="village_elder"),
                     "village_elder is no role")

    def test_a_missing_owner(self):
        self.refused(lambda v: state(v, "signing").pop("owner_role"), "owner_role is missing")

    def test_an_owner_who_cannot_act(self):
        self.refused(lambda v: state(v, "signing").update(owner_role="commune_clerk"),
                     "owner commune_clerk has no action that moves signing on")

    def test_a_state_without_deadline(self):
        self.refused(lambda v: state(v, "reviewing").update(hours=0),
                     "state reviewing has no deadline")

    def test_a_process_without_deadline(self):
        self.refused(lambda v: v["process"].pop("deadline"), "deadline is missing")

    def test_steps_that_overrun_the_deadline(self):
        self.refused(lambda v: state(v, "signing").update(hours=16),
                     "the deadline gives 24")

    def test_a_deadline_that_the_regime_does_not_know(self):
        self.refused(lambda v: v["process"]["deadline"].update(workdays=5),
                     "the active regime says 3")

    def test_an_action_to_nowhere(self):
        self.refused(lambda v: action(v, "sign").update(to="heaven"), "heaven is no state")

    def test_an_action_from_nowhere(self):
        self.refused(lambda v: action(v, "sign").update({"from": ["limbo"]}), "limbo is no state")

    def test_a_terminal_state_that_can_be_left(self):
        self.refused(lambda v: action(v, "sign")["from"].append("refused"),
                     "terminal state refused can be left")

    def test_a_terminal_state_that_the_nation_calls_open(self):
        self.refused(lambda v: state(v, "returned").update(national=9), "status 9 says otherwise")

    def test_a_step_that_the_national_table_forbids(self):
        self.refused(lambda v: action(v, "withdraw")["from"].append("done"),
                     "done (9) -> withdrawing (7): no legal step")

    def test_a_clock_that_runs_while_the_citizen_is_awaited(self):
        self.refused(lambda v: state(v, "supplement_requested").update(clock="run"),
                     "status 5 means stop")

    def test_a_refusal_without_reason(self):
        self.refused(lambda v: action(v, "refuse").update(needs_reason=False),
                     "refuse must give a reason")

    def test_a_permission_that_the_role_lacks(self):
        self.refused(lambda v: action(v, "accept").update(permission="onestop.decide"),
                     "commune_clerk does not have onestop.decide")

    def test_a_system_with_a_permission(self):
        self.refused(lambda v: action(v, "card_issued").update(permission="onestop.return"),
                     "the system needs none")

    def test_an_effect_that_is_not_declared(self):
        self.refused(lambda v: action(v, "sign")["effects"].append("register.marriage"),
                     "effect register.marriage is not declared")

    def test_an_effect_that_nothing_has(self):
        self.refused(lambda v: action(v, "pin_assigned")["effects"].remove(
            "document.birth_certificate"), "no action has effect document.birth_certificate")

    def test_a_second_supplement(self):
        self.refused(lambda v: action(v, "request_supplement")["from"].append("supplemented"),
                     "a second supplement could be asked for")

    def test_a_supplement_of_another_length(self):
        self.refused(lambda v: v["process"]["supplement"].update(workdays=3),
                     "3 working days are 24 hours")

    def test_a_slow_acknowledgement(self):
        self.refused(lambda v: v["process"].update(acknowledge_hours=2),
                     "reception takes 4 hours")

    def test_a_signature_by_the_citizen(self):
        self.refused(lambda v: action(v, "collect").update(sign=True), "only an official signs")

    def test_two_states_of_one_name(self):
        self.refused(lambda v: v["process"]["states"].append(dict(state(v, "done"))),
                     "occurs twice")

    def test_a_start_that_is_no_state(self):
        self.refused(lambda v: v["process"].update(initial="born"), "born is no state")

    def test_a_form_that_is_not_there(self):
        documents = {k: v for k, v in sound()[0].items() if k != "forms/04.json"}
        said = [str(f) for f in check.rule_faults(documents)]
        self.assertTrue([s for s in said if "form 04 is missing" in s], said)
        self.assertTrue([s for s in said if "forms/04.json is missing" in s], said)
