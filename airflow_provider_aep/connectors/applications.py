"""Sources of tables that are no databases: CRM, advertising, marketing, payment and commerce systems, and OData."""

from __future__ import annotations

from typing import Final

from airflow_provider_aep.connectors.row import ANONYMOUS, BASIC, OAUTH, PRINCIPAL_KEY, REFRESH, Row, params

_CLIENT: Final = "Client-Id-Secret Based Authentication"
_CLIENT_OF_A_HOST: Final = params("host clientId clientSecret")
_CLIENT_OF_SALESFORCE: Final = params("environmentUrl clientId clientSecret apiVersion")

APPLICATIONS: Final = (
    Row(
        "microsoft-dynamics",
        "Microsoft Dynamics",
        "38ad80fe-8b06-4938-94f4-d4ee80266b07",
        "crm/ms-dynamics",
        {
            "Basic Authentication for Dynamics-Online": params("serviceUri username password"),
            PRINCIPAL_KEY: params("serviceUri servicePrincipalId servicePrincipalKey"),
        },
        ("dynamics", "dynamics-365"),
    ),
    # The CRM tutorial prints this id with a further c in front ("ccfc0fee1-..."), which is not a UUID.
    Row(
        "salesforce",
        "Salesforce",
        "cfc0fee1-7dc0-40ef-b73e-d8b134c436f5",
        "crm/salesforce",
        {BASIC: params("username password securityToken", "environmentUrl apiVersion"), OAUTH: _CLIENT_OF_SALESFORCE},
    ),
    Row(
        "veeva-crm",
        "Veeva CRM",
        "fcad62f3-09b0-41d3-be11-449d5a621b69",
        "crm/veeva",
        {BASIC: params("environmentUrl username password securityToken")},
    ),
    Row(
        "zoho-crm",
        "Zoho CRM",
        "929e4450-0237-4ed2-9404-b7e1e0a00309",
        "crm/zoho",
        {BASIC: params("endpoint accountsUrl clientId clientSecret accessToken refreshToken")},
    ),
    # The samples of basic authentication on its page drop the leading c ("b66ab34-...").
    Row(
        "salesforce-service-cloud",
        "Salesforce Service Cloud",
        "cb66ab34-8619-49cb-96d1-39b37ede86ea",
        "customer-success/salesforce-service-cloud",
        {OAUTH: _CLIENT_OF_SALESFORCE, BASIC: params("username password securityToken", "environmentUrl")},
    ),
    Row(
        "servicenow",
        "ServiceNow",
        "eb13cb25-47ab-407f-ba89-c0125281c563",
        "customer-success/servicenow",
        {BASIC: params("endpoint username password")},
    ),
    Row(
        "oracle-service-cloud",
        "Oracle Service Cloud",
        "ba5126ec-c9ac-11eb-b8bc-0242ac130003",
        "customer-success/oracle-service-cloud",
        {BASIC: params("host username password")},
    ),
    Row(
        "google-ads",
        "Google Ads",
        "d771e9c1-4f26-40dc-8617-ce58c4b53702",
        "advertising/ads",
        {
            BASIC: params(
                "clientCustomerID loginCustomerID developerToken clientId clientSecret refreshToken "
                "googleAdsApiVersion",
                "authenticationType",
            )
        },
        ("adwords",),
    ),
    Row(
        "hubspot",
        "HubSpot",
        "cc6a4487-9e91-433e-a3a3-9cf6626c1806",
        "marketing-automation/hubspot",
        {BASIC: params("clientId clientSecret accessToken refreshToken")},
    ),
    Row(
        "oracle-eloqua",
        "Oracle Eloqua",
        "35d6c4d8-c9a9-11eb-b8bc-0242ac130003",
        "marketing-automation/oracle-eloqua",
        {BASIC: params("endpoint username password")},
    ),
    Row(
        "oracle-responsys",
        "Oracle Responsys",
        "ff4274f2-c9a9-11eb-b8bc-0242ac130003",
        "marketing-automation/oracle-responsys",
        {BASIC: params("endpoint clientId clientSecret")},
    ),
    # One localised page prints this id with a further c in front. The second auth spec is for AWS.
    Row(
        "salesforce-marketing-cloud",
        "Salesforce Marketing Cloud",
        "ea1c2a08-b722-11eb-8529-0242ac130003",
        "marketing-automation/salesforce-marketing-cloud",
        {_CLIENT: _CLIENT_OF_A_HOST, OAUTH: params("subdomain clientId clientSecret")},
    ),
    Row(
        "paypal",
        "PayPal",
        "221c7626-58f6-4eec-8ee2-042b0226f03b",
        "payments/paypal",
        {_CLIENT: _CLIENT_OF_A_HOST},
    ),
    Row(
        "square",
        "Square",
        "2acf109f-9b66-4d5e-bc18-ebb2adcff8d5",
        "payments/square",
        {REFRESH: params("host clientId clientSecret accessToken refreshToken")},
    ),
    Row(
        "shopify",
        "Shopify",
        "4f63aa36-bd48-4e33-bb83-49fbcd11c708",
        "ecommerce/shopify",
        {BASIC: params("host accessToken"), "Access Token Based": params("host accessToken")},
    ),
    Row(
        "generic-odata",
        "Generic OData",
        "8e6b41a8-d998-4545-ad7d-c6a9fff406c3",
        "protocols/odata",
        {ANONYMOUS: params("url")},
        ("odata",),
    ),
)
