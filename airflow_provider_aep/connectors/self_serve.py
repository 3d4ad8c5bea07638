"""Sources whose source params are their own: those that are built with Self-Serve Sources, and Marketo Engage."""

from __future__ import annotations

from typing import Final

from airflow_provider_aep.connectors.row import BASIC, OAUTH, REFRESH, REFRESH_CODE, Row, params

_MAILCHIMP: Final = {
    BASIC: params("authorizationTestUrl username password", "host"),
    REFRESH_CODE: params("authorizationTestUrl accessToken", "host"),
}

SELF_SERVE: Final = (
    Row(
        "generic-rest-api",
        "Generic REST API",
        "4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62",
        "protocols/generic-rest",
        {
            BASIC: params("host username password"),
            REFRESH_CODE: params(
                "host accessToken",
                "authorizationTestUrl clientId clientSecret refreshToken expirationDate accessTokenUrl "
                "requestParameterOverride",
            ),
        },
    ),
    # The self-serve SDK's template for sources of one's own; its id stands in the sample of RestStorageToAEP. How such
    # a source signs in is its author's choice.
    Row("generic-rest", "Generic REST template", "2d46966e-4fcc-4015-9f9e-a67594e395a3"),
    Row(
        "mailchimp-campaign",
        "Mailchimp Campaign",
        "c8ce8c8c-37fb-4162-9fbf-c2f181e04a7a",
        "marketing-automation/mailchimp-campaign",
        _MAILCHIMP,
    ),
    Row(
        "mailchimp-members",
        "Mailchimp Members",
        "2e8580db-6489-4726-96de-e33f5f60295f",
        "marketing-automation/mailchimp-members",
        _MAILCHIMP,
    ),
    Row(
        "mixpanel",
        "Mixpanel",
        "fd2c8ff3-1de0-4f6b-8fa8-4264784870eb",
        "analytics/mixpanel",
        {BASIC: params("username password", "host")},
    ),
    Row(
        "onetrust",
        "OneTrust Integration",
        "cf16d886-c627-4872-9936-fb08d6cba8cc",
        "consent-and-preferences/onetrust",
        {REFRESH: params("accessToken", "host")},
    ),
    # The pages of its activities and of its entities print the same id.
    Row(
        "oracle-netsuite",
        "Oracle NetSuite",
        "fdf850b4-5a8d-4a5a-9ce8-4caef9abb2a8",
        "marketing-automation/oracle-netsuite-entities",
        {OAUTH: params("clientId clientSecret accessTokenUrl accessToken")},
    ),
    Row(
        "pinterest-ads",
        "Pinterest Ads",
        "f82aae23-91e7-4884-b25f-2d2159d841fd",
        "advertising/pinterest-ads",
        {REFRESH: params("accessToken")},
    ),
    Row(
        "sap-commerce",
        "SAP Commerce",
        "d8ee38de-7ae9-4058-9610-c79ce75f8e92",
        "ecommerce/sap-commerce",
        {OAUTH: params("region clientId clientSecret tokenEndpoint")},
    ),
    Row(
        "stripe",
        "Stripe",
        "cc2c31d6-7b8c-4581-b49f-5c8698aa3ab3",
        "payments/stripe",
        {REFRESH: params("accessToken")},
    ),
    # The pages of its accounts and contacts and of its events print the same id.
    Row(
        "sugarcrm",
        "SugarCRM",
        "59a4b493-a615-40f9-bd38-f823d0909a2b",
        "crm/sugarcrm-accounts-contacts",
        {REFRESH: params("host username password")},
    ),
    Row(
        "zendesk",
        "Zendesk",
        "0a27232b-2c6e-4396-b8c6-c9fc24e37ba4",
        "customer-success/zendesk",
        {REFRESH: params("subdomain accessToken")},
    ),
)

MARKETO: Final = (
    Row("marketo-engage", "Marketo Engage", "bf1f4218-73ce-4ff0-b744-48d78ffae2e4", aliases=("marketo",)),
)
