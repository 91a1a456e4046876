"""The gateway: who asks, may they, how is it answered. Doors hand it requests; it hands back answers."""

from hub.gateway.answering import Answering
from hub.gateway.gateway import Gateway
from hub.gateway.gateway_settings import GatewaySettings
from hub.gateway.graph import GraphState
from hub.gateway.limits import Limits
from hub.gateway.observer import Observer
from hub.gateway.policy import Identities, IdentityLookup, Policy, Requirements
from hub.gateway.request import GraphQLAnswer, GraphQLRequest

__all__ = [
    "Answering",
    "Gateway",
    "GatewaySettings",
    "GraphQLAnswer",
    "GraphQLRequest",
    "GraphState",
    "Identities",
    "IdentityLookup",
    "Limits",
    "Observer",
    "Policy",
    "Requirements",
]
