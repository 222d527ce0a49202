import orjson
import pytest

from stockbook.graph.execute import Request
from tests.graph.askers import EVERYTHING, principal


async def ask(graph, document, who=1, mask=EVERYTHING, sites=(), **variables):
    answer = orjson.loads(await graph.execute(Request(document, None, variables), principal(who, sites), mask))
    return answer


async def test_one_item_with_its_positions_and_their_places(graph, world):
    answer = await ask(
        graph,
        "query($id: ID!) { item(id: $id) { name gtin positions(first: 100) { nodes"
        " { id quantity state holds lot { code } place { name organisation { name } } owner { name } } } } }",
        id="item-4",
    )
    print(answer)
    assert "errors" not in answer


@pytest.mark.parametrize(
    "document",
    [
        "query($s:ID!){availabilities(filter:{site:{eq:$s}},first:50){nodes{sellableNow changedAt item{name gtin} site{name}}}}",
        "{movements(first:3){edges{cursor node{id verb occurredAt legs{id quantity item{name units{unit factor}} source{state place{name} owner{name}} target{place{name}}} actor{name}}} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}",
        '{positions(filter:{quantity:{gt:"3"}}){totalCount aggregate{count sum{quantity}} groups(by:[STATE,ITEM],first:3){state item{name} count sum{quantity}}} me{id principal{name memberships{role}} organisation{name}} node(id:"gid://stockbook/Item/3"){id __typename ... on Item{name}} nodes(ids:["gid://stockbook/Item/3","x"]){id}}',
        '{forecast(item:"item-2",location:"place-2"){id mean levels quantiles shares ageSeconds pastError} forecasts{nodes{horizon item{name}}} listings{nodes{price sku}} tasks{nodes{note movement{id}}} claims{nodes{id quantity document{externalReference}}} charges{aggregate{sum{quantity}}} agreements{nodes{verb right views}}}',
        "{lots(first:3){nodes{code expiry inspections{passed movement{id}} producer{name}}} documents{nodes{movements(first:2){nodes{id}}}} places(first:4){nodes{name public parent{name}}} __schema{queryType{name}}}",
    ],
)
async def test_documents(graph, world, document):
    answer = await ask(graph, document, s="place-1")
    print(orjson.dumps(answer)[:1500])
    assert "errors" not in answer
