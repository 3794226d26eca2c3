"""Assessments of the emulator's traces, rightly and wrongly used."""

from support.workspace import EmulatorCase

TRACES = "/api/3.0/mlflow/traces/"
GOOD = {"assessment_name": "user_feedback",
        "source": {"source_type": "HUMAN", "source_id": "ann@example.com"},
        "feedback": {"value": True}}


class Assessments(EmulatorCase):
    def trace(self):
        """The id of a new trace."""
        answer = self.ask("databricks-weather-agent", databricks_options={
            "return_trace": True}).json
        return answer["databricks_output"]["trace"]["info"]["trace_id"]

    def create(self, trace, **changed):
        given = {k: v for k, v in {**GOOD, **changed}.items()
                 if v is not None}
        return self.call("POST", f"{TRACES}{trace}/assessments",
                         {"assessment": given})

    def invalid(self, response, words):
        self.assertEqual(response.status, 400, response)
        self.assertEqual(response.json["error_code"],
                         "INVALID_PARAMETER_VALUE")
        self.assertIn(words, response.json["message"])

    def test_vote_is_made_changed_read_and_taken_back(self):
        trace = self.trace()
        made = self.create(trace, trace_id=trace, rationale="nice",
                           metadata={"chat": "c1"})
        self.assertEqual(made.status, 200, made)
        place = (f"{TRACES}{trace}/assessments/"
                 + made.json["assessment"]["assessment_id"])
        changed = self.call("PATCH", place, {
            "assessment": {"trace_id": trace, "rationale": "not taken",
                           "assessment_name": "user_feedback",
                           "feedback": {"value": False}},
            "update_mask": "feedback"})
        self.assertEqual(changed.status, 200, changed)
        info = self.call("GET", TRACES + trace).json["trace"]["trace_info"]
        found, = info["assessments"]
        self.assertEqual(found["feedback"], {"value": False})
        self.assertEqual(found["rationale"], "nice")
        self.assertEqual(found["source"], GOOD["source"])
        seen = self.call("GET", "/emulator/assessments").json["traces"]
        self.assertIn(info, seen)
        self.assertEqual(self.call("DELETE", place).status, 200)
        self.assertEqual(self.call("DELETE", place).status, 404)
        info = self.call("GET", TRACES + trace).json["trace"]["trace_info"]
        self.assertEqual(info["assessments"], [])

    def test_wrong_assessments_are_refused(self):
        trace = self.trace()
        self.invalid(self.create(trace, assessment_name="a.b"), "'.'")
        self.invalid(self.create(trace, assessment_name=None),
                     "`assessment_name`")
        self.invalid(self.create(trace, feedback=None), "Exactly one")
        self.invalid(self.create(trace, feedback={}), "`feedback.value`")
        self.invalid(self.create(trace, expectation={"value": 1}),
                     "Exactly one")
        self.invalid(self.create(trace, source=None), "source_type")
        self.invalid(self.create(trace, source={
            "source_type": "ROBOT", "source_id": "x"}), "source_type")
        self.invalid(self.create(trace, source={"source_type": "HUMAN"}),
                     "source_id")
        self.invalid(self.create(trace, trace_id="tr-other"), "`trace_id`")
        self.invalid(self.create(trace, metadata={"n": 1}), "`metadata`")
        self.invalid(self.create(trace, comment="x"), "unknown field")
        self.invalid(self.call("POST", f"{TRACES}{trace}/assessments", {
            "assessment": GOOD, "update_mask": "feedback"}), "unknown field")
        self.invalid(self.call("POST", f"{TRACES}{trace}/assessments"),
                     "not JSON")
        info = self.call("GET", TRACES + trace).json["trace"]["trace_info"]
        self.assertEqual(info["assessments"], [])

    def test_wrong_changes_are_refused(self):
        trace = self.trace()
        made = self.create(trace).json["assessment"]["assessment_id"]
        place = f"{TRACES}{trace}/assessments/{made}"
        for body, words in (
                ({"assessment": GOOD, "update_mask": "feedback"},
                 "The field `source` may not be updated."),
                ({"assessment": {"feedback": {"value": 1}}}, "`update_mask`"),
                ({"assessment": {"feedback": {"value": 1}},
                  "update_mask": "source"}, "may not be updated"),
                ({"assessment": {"feedback": {"value": 1}},
                  "update_mask": "rationale"}, "not given")):
            self.invalid(self.call("PATCH", place, body), words)
        kept, = self.call("GET", TRACES + trace).json[
            "trace"]["trace_info"]["assessments"]
        self.assertEqual(kept["feedback"], GOOD["feedback"])

    def test_there_must_be_a_trace(self):
        for method, path in (("GET", TRACES + "tr-1"),
                             ("POST", TRACES + "tr-1/assessments"),
                             ("PATCH", TRACES + "tr-1/assessments/a-1")):
            response = self.call(method, path, {"assessment": GOOD})
            self.assertEqual(response.status, 404, response)
            self.assertEqual(response.json["error_code"],
                             "RESOURCE_DOES_NOT_EXIST")
        response = self.call("GET", TRACES + "tr-1", token="dapi-wrong")
        self.assertEqual(response.status, 403)

    def test_it_fails_when_told_to(self):
        trace = self.trace()
        self.emulator.control("mlflow", "error-404", 1)
        self.assertEqual(self.create(trace).json["error_code"],
                         "RESOURCE_DOES_NOT_EXIST")
        self.emulator.control("mlflow", "error-503", 1)
        self.assertEqual(self.create(trace).status, 503)
        self.assertEqual(self.create(trace).status, 200)
        with self.assertRaises(AssertionError):
            self.emulator.control("mlflow", "cut-midline", 1)

    def test_a_trace_may_come_late(self):
        answer = self.invoke("emu-agent-late-trace", {
            "messages": [{"role": "user", "content": "hello"}],
            "databricks_options": {"return_trace": True}}).json
        trace = answer["databricks_output"]["trace"]["info"]["trace_id"]
        self.assertEqual([self.create(trace).status for _ in range(3)],
                         [404, 404, 200])
