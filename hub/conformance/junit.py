"""A report as JUnit XML, which pipelines read: a test case for each check, what does not apply is skipped."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hub.conformance.result import Outcome, Report


def junit(report: Report) -> str:
    counts = {
        "tests": str(len(report.results)),
        "failures": str(report.count(Outcome.FAILED)),
        "skipped": str(report.count(Outcome.NOT_APPLICABLE)),
        "errors": "0",
        "time": f"{sum(result.seconds for result in report.results):.3f}",
    }
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {"name": f"jiyi connector test {report.connector}", **counts})
    for result in report.results:
        named = {"classname": f"{report.connector}.{result.check}", "name": result.name}
        case = SubElement(suite, "testcase", {**named, "time": f"{result.seconds:.3f}"})
        if result.outcome is Outcome.FAILED:
            failure = SubElement(case, "failure", {"message": result.reason, "type": result.check})
            failure.text = f"{result.reason}\n{result.mend}"
        elif result.outcome is Outcome.NOT_APPLICABLE:
            SubElement(case, "skipped", {"message": result.reason})
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode")
