"""The catalogue over the graph: what an item says, how it is found, where one can go."""

from __future__ import annotations

import pytest

from hub.catalogue.catalogue import read_catalogue, seed_entries
from schema.domain.organisation import Level
from tests.hub.own_graph import Graph
from tests.hub.world import World


@pytest.fixture
async def graph(world: World) -> Graph:
    return Graph(world)


async def test_an_item_says_everything_that_a_guide_needs(graph: Graph) -> None:
    """domain.md section 3: basis, places, conditions, materials, steps, limits, fees, results; art. 4, 13."""
    query = """{ serviceItem(code: "CA-MARRIAGE-RECORD") {
        version type legalBasis { titleEn article } levels places { code } windows { window place { addressEn } }
        whoMayApply conditions { code minimumAge } isInstant serviceForms synonyms lifeEvents { nameEn }
        materials { code legalBasisEn source necessity trust isElectronicAccepted requiredWhen { field values }
          satisfiedBy { licenceType registerEntry } }
        steps { code kind days } fees { amountFen legalBasisEn due } feeFen results { licenceType sampleEn }
        enquiryTelephone complaintTelephone greenChannel { limitDays } exemption { kind } visits } }"""
    item = (await graph.ask(query, None))["serviceItem"]

    assert item["legalBasis"] == [{"titleEn": "Regulations on Marriage Registration", "article": "第十七条"}]
    assert item["levels"] == ["DISTRICT", "SUBDISTRICT"]
    assert item["windows"][0] == {
        "window": "10",
        "place": {"addressEn": "1 Shifan Road, Jiyi Demonstration District"},
    }
    assert item["materials"][1]["requiredWhen"] == {"field": "purpose", "values": ["other"]}
    assert item["materials"][0]["satisfiedBy"] == [{"licenceType": None, "registerEntry": "Citizen.name"}]
    assert [step["days"] for step in item["steps"]] == [1, 1, 1, 0, 1]
    assert (item["feeFen"], item["fees"][0]["amountFen"], item["fees"][0]["due"]) == (900, 900, "ON_APPROVAL")
    assert item["enquiryTelephone"] != item["complaintTelephone"]
    assert (item["exemption"], item["greenChannel"], item["visits"]) == (None, None, 0)


async def test_an_exempt_item_is_listed_with_its_ground(graph: Graph) -> None:
    """Never silently missing; art. 11."""
    query = "{ serviceItems { code exemption { kind groundEn approvedBy } } }"
    items = (await graph.ask(query, None))["serviceItems"]
    assert {item["code"]: item["exemption"]["kind"] for item in items if item["exemption"]} == {
        "PS-FIREWORKS": "RARE",
        "PS-SECRET": "SECRET",
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("老年证", "CA-SENIOR-CARD"),
        ("laonianzheng", "CA-SENIOR-CARD"),
        ("lnrydz", "CA-SENIOR-CARD"),
        ("hunyin zhengming", "CA-MARRIAGE-RECORD"),
        ("上户口", "PS-NEWBORN"),
        ("shk", "PS-NEWBORN"),
        ("driving RENEWAL", "TR-DRIVING-LICENCE"),
        ("养老", "JX01-MEALS"),
    ],
)
async def test_items_are_found_by_word_synonym_pinyin_and_initials(graph: Graph, words: str, found: str) -> None:
    """A name, what people call it, how it sounds, its first letters, or the turn in life."""
    query = "query ($words: String) { serviceItems(search: $words) { code } }"
    items = (await graph.ask(query, None, words=words))["serviceItems"]
    assert found in [item["code"] for item in items]
    assert len(items) < 10


async def test_a_sound_is_found_from_the_beginning_of_a_syllable(graph: Graph) -> None:
    """`ao` in `lao` is no word, and one letter sounds like everything."""
    query = "query ($words: String) { serviceItems(search: $words) { code } }"
    for words in ("aonian", "q"):
        codes = [item["code"] for item in (await graph.ask(query, None, words=words))["serviceItems"]]
        assert "CA-SENIOR-CARD" not in codes


@pytest.mark.parametrize(
    ("wanted", "some", "none"),
    [
        ({"lifeEvent": "birth"}, "JT-NEWBORN", "CA-SENIOR-CARD"),
        ({"lifeEvent": "open-shop"}, "MR-INDIVIDUAL-BUSINESS", "JT-NEWBORN"),
        ({"place": "110102-JX-01-STATION"}, "JX01-MEALS", "YA01-VOLUNTEER"),
        ({"level": "SUBDISTRICT"}, "JX-PARKING", "MR-COMPANY"),
        ({"category": "social-management"}, "CA-SUBSISTENCE", "CA-SENIOR-CARD"),
        ({"channel": "TELEPHONE"}, "CA-SENIOR-CARD", "CA-ADOPTION"),
        ({"organisation": "110102-SJ"}, "MR-FOOD-PERMIT", "FI-REFUND"),
        ({"applicant": "ENTERPRISE"}, "PS-SEAL", "CA-ADOPTION"),
    ],
)
async def test_items_are_narrowed(graph: Graph, wanted: dict[str, str], some: str, none: str) -> None:
    """By life event, place, level, category, channel, owner and applicant; art. 10, 13."""
    query = "query ($wanted: ServiceItemFilter) { serviceItems(filter: $wanted) { code } }"
    codes = [item["code"] for item in (await graph.ask(query, None, wanted=wanted))["serviceItems"]]
    assert some in codes
    assert none not in codes


async def test_a_life_event_names_what_it_needs(graph: Graph) -> None:
    """A birth, a marriage, opening a shop: everything at one place."""
    events = (await graph.ask("{ lifeEvents { code name nameEn items { code } } }", None))["lifeEvents"]
    needed = {event["code"]: [item["code"] for item in event["items"]] for event in events}
    assert len(needed) >= 10
    assert {"JT-NEWBORN", "PS-NEWBORN", "HE-BIRTH-CERTIFICATE"} <= set(needed["birth"])
    assert all(needed.values())


async def test_organisations_are_a_tree_of_three_levels(graph: Graph) -> None:
    """District, subdistrict, community; art. 10."""
    query = """{ organisations(level: COMMUNITY) {
        code level parent { code level parent { code level parent { code } } } }
      all: organisations { code children { code } places { code } } }"""
    data = await graph.ask(query, None)
    assert data["organisations"][0] == {
        "code": "110102-JX-01",
        "level": "COMMUNITY",
        "parent": {
            "code": "110102-JX",
            "level": "SUBDISTRICT",
            "parent": {"code": "110102", "level": "DISTRICT", "parent": None},
        },
    }
    root = next(each for each in data["all"] if each["code"] == "110102")
    assert {"code": "110102-JX"} in root["children"]
    assert {"code": "110102-HALL"} in root["places"]


async def test_the_nearest_place_of_an_item_is_a_query(graph: Graph) -> None:
    """From Jixianli: its own station first; a community item only there; art. 10."""
    query = """query ($item: ID, $first: Int!) {
      nearestPlaces(latitude: 39.9171, longitude: 116.3596, item: $item, first: $first) {
        metres place { code } } }"""
    near = (await graph.ask(query, None, item=None, first=3))["nearestPlaces"]
    senior = (await graph.ask(query, None, item="CA-SENIOR-CARD", first=9))["nearestPlaces"]
    room = (await graph.ask(query, None, item="JX01-ROOM", first=9))["nearestPlaces"]

    assert near[0]["place"]["code"] == "110102-JX-01-STATION"
    assert near[0]["metres"] < 20
    assert [each["metres"] for each in near] == sorted(each["metres"] for each in near)
    assert len(senior) == 5
    assert [each["place"]["code"] for each in room] == ["110102-JX-01-STATION"]
    assert await graph.refused("{ nearestPlaces(latitude: 91, longitude: 0) { metres } }", None) == [
        "BAD_USER_INPUT"
    ]


async def test_extended_hours_count_as_open(graph: Graph) -> None:
    """The hall on Wednesday until 20:00; kiosks day and night; art. 13."""
    query = """{ hall: place(code: "110102-HALL") { hours { days opens closes isExtended }
        wednesday: isOpen(at: "2026-11-25T19:30:00+08:00") thursday: isOpen(at: "2026-11-26T19:30:00+08:00") }
      kiosk: place(code: "110102-KIOSK-01") { isOpen(at: "2026-11-26T03:00:00+08:00") } }"""
    data = await graph.ask(query, None)
    assert data["hall"]["hours"][1] == {"days": [3], "opens": "17:00", "closes": "20:00", "isExtended": True}
    assert (data["hall"]["wednesday"], data["hall"]["thursday"], data["kiosk"]["isOpen"]) == (True, False, True)


async def test_the_star_standard_is_told_with_what_is_missing(graph: Graph) -> None:
    """Computed, apart from the ratings; each missing criterion names its mend. domain.md, 7.2; art. 15."""
    query = """{ serviceItem(code: "PS-SECRET") { rating { count }
      starStandard { stars criteria { code star isMet mendEn } } } }"""
    standard = (await graph.ask(query, None))["serviceItem"]["starStandard"]
    missing = {each["code"]: each["mendEn"] for each in standard["criteria"] if not each["isMet"]}
    assert standard["stars"] < 3
    assert "FILING" in missing
    assert missing["FILING"] == "Open web or mobile, and connect the department's commands."


def test_the_package_offers_believable_items_of_every_kind() -> None:
    """At least 24 over the three categories and all three levels, in both languages, three of them joint."""
    catalogue = read_catalogue(tuple(seed_entries()))
    categories = {item.category for item in catalogue.items}
    levels = {level for item in catalogue.items for level in item.levels}

    assert len(catalogue.items) >= 24
    assert {"administrative-approval", "social-management", "public-service"} <= categories
    assert levels == set(Level)
    assert len([item for item in catalogue.items if item.code.startswith("JT-")]) >= 3
    assert len([item for item in catalogue.items if item.is_decided_by_officers]) >= 8
