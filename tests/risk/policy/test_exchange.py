"""Policies go to other engines' formats and come back equal; what does not fit is named."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.risk.policy.policies import EXAMPLE, random_policy
from tradeline.kernel.findings import InputProblem
from tradeline.risk.policy.declaration import Declaration, Outcome
from tradeline.risk.policy.dmn import read_dmn, write_dmn
from tradeline.risk.policy.exchange import Header, snake
from tradeline.risk.policy.jdm import read_jdm, write_jdm
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.reading import declaration_of, policy_of, read_policy_file
from tradeline.risk.policy.writing import policy_content

HEADER = Header("Loan Check", "1", date(2026, 1, 1))


def through_dmn(folder: Path, declaration: Declaration) -> Declaration:
    (folder / "policy.dmn").write_text(write_dmn(declaration), encoding="utf-8")
    return declaration_of(read_dmn(folder / "policy.dmn", HEADER), "policy.dmn")


def through_jdm(_: Path, declaration: Declaration) -> Declaration:
    return declaration_of(read_jdm(write_jdm(declaration), HEADER, "policy.json"), "policy.json")


def with_whys(declaration: Declaration) -> Declaration:
    """A random policy with what a file must state: units, currency, reasons."""
    content = policy_content(declaration)
    for item in (*content["inputs"].values(), *content["outputs"].values()):
        if item["type"] in ("number", "integer"):
            item["unit"] = "1"
    for table in content["tables"]:
        for row in table["rows"]:
            row["why"] = f'for <{row["id"]}> & "others"'
            row["source"] = "§ 5"
    return declaration_of(content, "random")


@pytest.mark.parametrize("through", [through_dmn, through_jdm])
def test_what_can_be_said_elsewhere_comes_back_equal(through: Any, tmp_path: Path) -> None:
    written = 0
    for seed in range(100):
        random = np.random.default_rng([seed, 6])
        try:
            declaration = with_whys(random_policy(random))
        except InputProblem:
            continue  # an output that no row gives
        try:
            again = through(tmp_path, declaration)
        except InputProblem:
            continue  # what cannot be said; the messages are tested below
        assert again == declaration
        written += 1
    assert written > 5


def test_the_example_goes_through_dmn(tmp_path: Path) -> None:
    policy = read_policy_file(EXAMPLE)
    assert through_dmn(tmp_path, policy.declaration) == policy.declaration


def test_what_jdm_cannot_say_is_named() -> None:
    with pytest.raises(InputProblem) as refusal:
        write_jdm(read_policy_file(EXAMPLE).declaration)
    assert str(refusal.value) == (
        "error: small_business: table limit_caps: JDM has no hit policy that does what COLLECT "
        "does. Keep the policy in YAML."
    )


def test_what_dmn_cannot_say_is_named() -> None:
    declaration = read_policy_file(EXAMPLE).declaration
    content = policy_content(declaration)
    content["tables"][2]["rows"][0]["then"]["reason"] = "RISK"
    content["tables"][0]["rows"][0]["id"] = "1 E"
    content["inputs"]["score"]["stale"] = "case"
    content["tables"][3]["rows"][4]["when"]["score"] = "< 560 or stale"
    with pytest.raises(InputProblem) as refusal:
        write_dmn(declaration_of(content, "x"))
    assert [finding.message for finding in refusal.value.findings] == [
        "table eligibility, row 1 E: an id in XML begins with a letter and has letters, digits, _, "
        "- and . only.",
        "table limit_caps: DMN aggregates one output only, this table gives limit_cap_minor, "
        "reason.",
        "table terms, row T5: `stale` cannot be said in S-FEEL.",
    ]


GRAPH: dict[str, Any] = {
    "nodes": [
        {"id": "in", "type": "inputNode", "name": "Request"},
        {"id": "b", "type": "decisionTableNode", "name": "Final Check", "content": {
            "hitPolicy": "first",
            "inputs": [{"id": "x", "name": "Band", "field": "riskBand"}],
            "outputs": [{"id": "y", "name": "Outcome", "field": "outcome"}],
            "rules": [{"_id": "F1", "x": "'low'", "y": "'approve'", "_description": "little risk"},
                      {"_id": "F2", "x": "'high'", "y": "'decline'"}]}},
        {"id": "a", "type": "decisionTableNode", "name": "Band", "content": {
            "hitPolicy": "first",
            "inputs": [{"id": "s", "name": "Score", "field": "applicant.creditScore"},
                       {"id": "r", "name": "Region", "field": "region"}],
            "outputs": [{"id": "o", "name": "Band", "field": "riskBand"}],
            "rules": [{"_id": "A1", "s": ">= 600", "r": "", "o": "'low'"},
                      {"_id": "A2", "s": "", "r": "'north', 'south'", "o": "'high'"}]}},
        {"id": "out", "type": "outputNode", "name": "Response"},
    ],
    "edges": [{"sourceId": "in", "targetId": "a"}, {"sourceId": "a", "targetId": "b"},
              {"sourceId": "b", "targetId": "out"}],
}  # fmt: skip


def imported(graph: Any) -> Policy:
    return policy_of(read_jdm(json.dumps(graph), HEADER, "g.json"), "g.json")


def spoiled(**changes: Any) -> Any:
    """The graph with the second table's content changed."""
    graph = json.loads(json.dumps(GRAPH))
    graph["nodes"][2]["content"] |= changes
    return graph


def test_a_graph_of_another_hand_becomes_a_policy_in_the_order_of_its_edges() -> None:
    policy = imported(GRAPH)
    declaration = policy.declaration
    assert [table.name for table in declaration.tables] == ["band", "final_check"]
    assert [read.name for read in declaration.inputs] == ["applicant_credit_score", "region"]
    assert declaration.inputs[1].levels == ("north", "south")
    assert declaration.tables[1].rows[0].why == "little risk"
    assert declaration.tables[1].rows[1].why == "imported without a reason"
    good = {"applicant_credit_score": 640, "region": "north"}
    assert policy.evaluate(good).outcome is Outcome.APPROVE
    assert policy.evaluate(good | {"applicant_credit_score": 500}).outcome is Outcome.DECLINE
    # Where other engines take what is missing for a hit of the last row, nothing is approved.
    for wrong in ({}, good | {"applicant_credit_score": None}, good | {"region": "east"},
                  good | {"applicant_credit_score": "640"}):  # fmt: skip
        assert policy.evaluate(wrong).outcome is Outcome.REFUSE


def test_an_imported_table_whose_catch_all_approves_does_not_load() -> None:
    graph = json.loads(json.dumps(GRAPH))
    graph["nodes"][1]["content"]["rules"][1] = {"_id": "F2", "x": "", "y": "'approve'"}
    with pytest.raises(InputProblem) as refusal:
        imported(graph)
    assert "row F2 approves without a limit" in str(refusal.value)


def test_an_imported_gap_is_told_or_said_to_be_meant() -> None:
    graph = spoiled(rules=[{"_id": "A1", "s": ">= 600", "o": "'low'"},
                           {"_id": "A2", "s": "< 500", "o": "'high'"}])  # fmt: skip
    with pytest.raises(InputProblem) as refusal:
        imported(graph)
    assert "table band: no row takes applicant_credit_score in [500, 600)" in str(refusal.value)
    header = replace(HEADER, otherwise="refer")
    policy = policy_of(read_jdm(json.dumps(graph), header, "g.json"), "g.json")
    assert policy.evaluate({"applicant_credit_score": 550}).outcome is Outcome.REFER


COLUMN = {"id": "s", "name": "Score", "field": "score"}
REFUSED: list[tuple[Any, list[str]]] = [
    (spoiled(hitPolicy="last"),
     ["node Band: the hit policy 'last' is none of first, collect."]),
    (spoiled(inputField="x"), ["node Band: it has an inputField."]),
    (spoiled(outputPath="x"), ["node Band: it has an outputPath."]),
    (spoiled(executionMode="loop"), ["node Band: it is evaluated for each item of a list."]),
    (spoiled(inputs=None), ["node Band: it has no list of inputs."]),
    (spoiled(inputs=[{"id": "s", "name": "Score"}]),
     ["node Band, column Score: without a field its cells are expressions."]),
    (spoiled(inputs=[COLUMN | {"defaultValue": "700"}]),
     ["node Band, column Score: a default would hide what is missing."]),
    (spoiled(inputs=[{"name": "Score", "field": "score"}]),
     ["node Band, column Score: it has no id."]),
    (spoiled(rules={}), ["node Band: it has no list of rules."]),
    (spoiled(rules=[{"_id": "A1", "s": "> other", "o": "'low'"},
                    {"_id": "A2", "s": "'x'", "o": "score * 2"}]),
     ["table band, row A1, column applicant_credit_score: `> other` does not fit: `other`.",
      "table band, row A2, column risk_band: `score * 2` does not fit: `* 2`."]),
    (spoiled(rules=[{"_id": "A1", "s": "> 5", "o": "'low'"}, {"_id": "A2", "s": "'x'", "o": "1"}]),
     ["table band, row A2, column applicant_credit_score: its values are of type category, "
      "elsewhere of type number.",
      "table band, row A2, column risk_band: its values are of type number, elsewhere of type "
      "category."]),
    (spoiled(inputs=[{"id": "s", "name": "A", "field": "creditScore"},
                     {"id": "r", "name": "B", "field": "credit_score"}], rules=[]),
     ["table band, column creditScore: as a name it would be `credit_score`, and so would "
      "another.",
      "table band, column credit_score: as a name it would be `credit_score`, and so would "
      "another."]),
    (GRAPH | {"nodes": [*GRAPH["nodes"], {"id": "f", "type": "functionNode", "name": "Code"}]},
     ["node Code: a functionNode is no decision table."]),
    (GRAPH | {"nodes": [*GRAPH["nodes"], {"id": "f", "type": "decisionTableNode", "name": "T"}]},
     ["node T: it has no content, or no id."]),
    (GRAPH | {"edges": [{"sourceId": "a", "targetId": "b"}, {"sourceId": "b", "targetId": "a"}]},
     ["The tables b, a need each other."]),
    ({"nodes": []}, ["The graph has no decision table."]),
    ({"nodes": [1]}, ["The file is no JDM graph: JSON with a list `nodes`."]),
    ([], ["The file is no JDM graph: JSON with a list `nodes`."]),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "messages"), REFUSED, ids=range(len(REFUSED)))
def test_what_of_a_graph_does_not_fit_is_named(graph: Any, messages: list[str]) -> None:
    with pytest.raises(InputProblem) as refusal:
        imported(graph)
    assert [finding.message for finding in refusal.value.findings] == messages


DMN = """<?xml version="1.0" encoding="UTF-8"?>
<dmn:definitions xmlns:dmn="http://www.omg.org/spec/DMN/20180521/MODEL/" name="Loans" id="d">
 <dmn:decision id="final" name="Final Check">
  <dmn:informationRequirement><dmn:requiredDecision href="#band"/></dmn:informationRequirement>
  <dmn:decisionTable hitPolicy="UNIQUE">
   <dmn:input label="Band"><dmn:inputExpression typeRef="string"><dmn:text>Risk Band</dmn:text>
    </dmn:inputExpression></dmn:input>
   <dmn:output name="outcome" typeRef="string"/>
   <dmn:rule id="F1"><dmn:inputEntry><dmn:text>"low"</dmn:text></dmn:inputEntry>
    <dmn:outputEntry><dmn:text>"approve"</dmn:text></dmn:outputEntry></dmn:rule>
   <dmn:rule id="F2"><dmn:description>too risky</dmn:description>
    <dmn:inputEntry><dmn:text>not("low")</dmn:text></dmn:inputEntry>
    <dmn:outputEntry><dmn:text>"decline"</dmn:text></dmn:outputEntry></dmn:rule>
  </dmn:decisionTable>
 </dmn:decision>
 <dmn:decision id="band" name="Risk Band">
  <dmn:decisionTable HITPOLICY>
   <dmn:input><dmn:inputExpression typeRef="number"><dmn:text>Credit Score</dmn:text>
    </dmn:inputExpression><dmn:inputValues><dmn:text>[300..900]</dmn:text></dmn:inputValues>
   </dmn:input>
   <dmn:output name="Risk Band" typeRef="string">
    <dmn:outputValues><dmn:text>"high", "low"</dmn:text></dmn:outputValues></dmn:output>
   <dmn:rule><dmn:inputEntry><dmn:text>CELL</dmn:text></dmn:inputEntry>
    <dmn:outputEntry><dmn:text>"low"</dmn:text></dmn:outputEntry></dmn:rule>
   <dmn:rule><dmn:inputEntry><dmn:text>&lt; 600</dmn:text></dmn:inputEntry>
    <dmn:outputEntry><dmn:text>"high"</dmn:text></dmn:outputEntry></dmn:rule>
  </dmn:decisionTable>
 </dmn:decision>
</dmn:definitions>
"""


def read_model(
    folder: Path, text: str = DMN, cell: str = ">= 600", hit: str = 'hitPolicy="UNIQUE"'
) -> Policy:
    path = folder / "loans.dmn"
    path.write_text(text.replace("CELL", cell.replace("<", "&lt;")).replace("HITPOLICY", hit))
    return policy_of(read_dmn(path, HEADER), path.name)


def test_a_model_of_another_hand_becomes_a_policy_in_the_order_of_its_needs(
    tmp_path: Path,
) -> None:
    policy = read_model(tmp_path)
    assert [table.name for table in policy.declaration.tables] == ["risk_band", "final_check"]
    assert policy.declaration.outputs[0].levels == ("high", "low")
    assert policy.evaluate({"credit_score": 640}).outcome is Outcome.APPROVE
    assert policy.evaluate({"credit_score": 599}).outcome is Outcome.DECLINE
    assert policy.evaluate({"credit_score": 901}).outcome is Outcome.REFUSE
    assert policy.evaluate({}).outcome is Outcome.REFUSE
    trace = policy.evaluate({"credit_score": 599}).trace
    assert [table.fired for table in trace.tables()] == [("risk_band_2",), ("F2",)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": "> Other"}, "table risk_band, row risk_band_1, column credit_score: `> Other` "
                              "does not fit: `Other`."),
        ({"hit": 'hitPolicy="LAST"'}, "decision Risk Band: the hit policy 'LAST' is none of "
         "UNIQUE, ANY, PRIORITY, FIRST, COLLECT, RULE ORDER, OUTPUT ORDER."),
        ({"hit": 'hitPolicy="COLLECT" aggregation="MEAN"'},
         "decision Risk Band: the aggregation 'MEAN' is none of MIN, MAX, SUM, COUNT."),
        ({"text": DMN.replace("Credit Score<", "score * 2<")},
         "decision Risk Band: the input `score * 2` is an expression, no name."),
        ({"text": DMN.replace('typeRef="number"', 'typeRef="dayTimeDuration"')},
         "decision Risk Band, column credit_score: the type dayTimeDuration is none of Any, "
         "boolean, date, double, integer, long, number, string."),
        ({"text": DMN.replace("[300..900]", "[300..limit]")},
         "decision Risk Band, column credit_score: allowed values: `[300..limit]` does not fit: "
         "`limit ]`."),
        ({"text": DMN.replace("</dmn:outputValues></dmn:output>",
                              "</dmn:outputValues><dmn:defaultOutputEntry/></dmn:output>")},
         "decision Risk Band: the output Risk Band has a default, which would hide what is "
         "missing."),
        ({"text": DMN.replace("<dmn:inputEntry><dmn:text>CELL</dmn:text></dmn:inputEntry>", "")},
         "decision Risk Band, row risk_band_1: it has 0 + 1 cells, the table 1 + 1 columns."),
        ({"text": DMN.replace("dmn:decisionTable", "dmn:literalExpression")},
         "decision Risk Band: it is no decision table."),
        ({"text": "<definitions/>"}, "The model has no decision."),
        ({"text": "<model/>"}, "The file is no DMN model but `model`."),
        ({"text": "<definitions>"}, "The file is no whole XML: line 1, no element found."),
        ({"text": '<!DOCTYPE x [<!ENTITY a "b">]><definitions>&a;</definitions>'},
         "The file declares a document type, which can fetch other files or fill the memory."),
    ],
)  # fmt: skip
def test_what_of_a_model_does_not_fit_is_named(
    changes: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputProblem) as refusal:
        read_model(tmp_path, **changes)
    assert message in [finding.message for finding in refusal.value.findings]
    assert "bank statement" not in str(refusal.value)


SPOILED: list[Any] = [None, [], 5, {}, {"tables": []}, {"inputs": 5, "tables": [1]},
                      {"inputs": {"a": {"type": "float"}}, "tables": []}]  # fmt: skip


@pytest.mark.parametrize("stated", SPOILED)
def test_what_stands_beside_the_tables_and_was_changed_is_told(stated: Any, tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        imported(GRAPH | {"tradeline": stated})
    message = (
        "What the file says beside its tables is not as it was written. Export the policy again."
    )
    assert str(refusal.value) == f"error: g.json: {message}"
    whole = write_dmn(read_policy_file(EXAMPLE).declaration)
    start, end = whole.index('1">') + 3, whole.index("</policy>")
    for text in (json.dumps(stated), "{]", json.dumps({"valid_from": "soon"})):
        (tmp_path / "x.dmn").write_text(whole[:start] + text + whole[end:], encoding="utf-8")
        with pytest.raises(InputProblem) as refusal:
            read_dmn(tmp_path / "x.dmn", HEADER)
        assert str(refusal.value) == f"error: x.dmn: {message}"


def test_an_imported_model_passes_the_same_checks(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        read_model(tmp_path, cell="> 600")
    assert "table risk_band: no row takes credit_score = 600" in str(refusal.value)


def test_what_is_collected_without_aggregation_is_a_list(tmp_path: Path) -> None:
    final, band = (DMN.index(f' <dmn:decision id="{name}"') for name in ("final", "band"))
    policy = read_model(tmp_path, text=DMN[:final] + DMN[band:], hit='hitPolicy="COLLECT"')
    assert policy.evaluate({"credit_score": 640}).outputs == {"risk_band": ("low",)}


def test_a_foreign_name_becomes_one_of_ours() -> None:
    names = {"creditScore": "credit_score", "customer.tier": "customer_tier", "PD 12m": "pd_12m",
             "HTTPCode": "http_code", "a__b": "a_b", "车型": "unnamed"}  # fmt: skip
    assert {name: snake(name) for name in names} == names
