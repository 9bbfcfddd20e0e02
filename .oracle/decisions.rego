# The decision table by hand: sections 2 to 5 of decisions.md, row by row. Nothing of it comes from
# the rules of syncgate or from what it exports.
package decisions

import rego.v1

# The answers to every request: by operation, then by moment. A request that cannot be has null.
answers := [[answer(operation, now) | some now in input.moments] | some operation in input.operations]

# --- section 2: facts ---------------------------------------------------------------------------

config := input.configuration

# What is not given has its default.
given(key, default_value) := value if {
	value := config[key]
	value != null
} else := default_value

search_in_headquarters if given("default_customer_search_mode", false)

async_customers if given("create_customer_in_async_mode", false)

async_orders if given("create_customer_order_in_async_mode", false)

# Section 3: false before 10.0.33, and without async orders (S-108, S-109).
async_backup if {
	given("real_time_order_creation_with_async_backup", false)
	config.version >= [10, 0, 33, 0]
	async_orders
}

offline_customers if given("offline_customer_creation", true)

offline_orders if given("offline_order_creation", false)

# Of the schema of the offline database group if the channel names one, else of its channel database
# group; a group is a list of one value, which may be null.
filtered if {
	config.offline_group != null
	config.offline_group[0] == true
}

filtered if {
	config.offline_group == null
	config.channel_group != null
	config.channel_group[0] == true
}

offline(now) if now.connection == "offline"

pending(now) if now.customer == "pending"

store if config.channel_kind == "store"

# Only a store is ever offline, and only one that may support it.
impossible(now) if {
	offline(now)
	not store
}

impossible(now) if {
	offline(now)
	config.supports_offline == false
}

# --- section 3: features ------------------------------------------------------------------------

since := {
	"order-performance": [10, 0, 20, 0],
	"async-address-creation": [10, 0, 22, 0],
	"enhanced-async-customer-creation": [10, 0, 24, 0],
	"edit-customers-async": [10, 0, 29, 0],
	"multiple-contacts": [10, 0, 14, 0],
	"cancel-async-orders": [10, 0, 35, 0],
	"cloud-powered-customer-search": [10, 0, 18, 0],
}

then_run := {
	"edit-customers-async": {"1110", "1010", "1070"},
	"cloud-powered-customer-search": {"1010_CustomerSearch", "1110"},
}

mandatory("order-performance") if config.version >= [10, 0, 28, 0]

# Enabled and not before its version, and its jobs have run; what it requires is asked apart.
on_by_itself(feature) if {
	config.features[feature].enabled == true
	config.version >= since[feature]
	distributed(feature)
}

distributed(feature) if not undistributed(feature)

undistributed(feature) if {
	enabled_at := config.features[feature].enabled_at
	enabled_at != null
	some job in object.get(then_run, feature, set())
	runs := [run.at | some run in config.runs; run.job in {job, "9999"}; run.at != null]
	count(runs) > 0
	max(runs) < enabled_at
}

# Of the seven only editing requires others.
plain(feature) if mandatory(feature)

plain(feature) if on_by_itself(feature)

effective contains feature if {
	some feature, _ in since
	feature != "edit-customers-async"
	plain(feature)
}

effective contains "edit-customers-async" if {
	plain("edit-customers-async")
	plain("order-performance")
	plain("async-address-creation")
	plain("enhanced-async-customer-creation")
}

# --- section 4: guards --------------------------------------------------------------------------

stores_only := {"create-quotation", "manage-client-book"}

online_only := {"request-b2b-onboarding", "manage-b2b-user"}

without_customer := {
	"create-customer", "issue-loyalty-card", "search-customers", "search-all-stores",
	"create-from-other-company", "request-b2b-onboarding", "manage-b2b-user",
}

with_order := {"edit-customer-order", "cancel-customer-order"}

in_channel(operation) if {
	operation in stores_only
	store
}

in_channel(operation) if {
	operation in online_only
	config.channel_kind == "online"
}

in_channel(operation) if {
	not operation in stores_only
	not operation in online_only
	config.channel_kind in {"store", "online"}
}

# --- answers ------------------------------------------------------------------------------------

prefix := "Microsoft_Dynamics_Commerce_Runtime_"

answer(operation, now) := null if {
	impossible(now)
} else := made(operation, ["not-in-channel", "rejected", "operation-not-in-channel", "inferred", []]) if {
	not in_channel(operation)
} else := made(operation, ["no-customer", "rejected", "customer-not-found", "inferred", []]) if {
	not operation in without_customer
	now.customer == "none"
} else := made(operation, ["no-order", "rejected", "order-not-found", "inferred", []]) if {
	operation in with_order
	now.order == "none"
} else := made(operation, row(operation, now))

# A row of a table: id, outcome, reason, basis, sources.
made(operation, [id, outcome, reason, basis, sources]) := {
	"rule": concat("/", [operation, id]),
	"outcome": outcome,
	"reason": reason,
	"basis": basis,
	"sources": sources,
	"error_id": error_id(operation, reason),
}

# --- section 5 ----------------------------------------------------------------------------------

error_id(operation, "pending-sync") := concat("", [prefix, "UpdateAsyncCustomerNotSupported"]) if {
	operation in {
		"edit-customer", "edit-customer-attributes", "edit-address", "add-affiliation",
		"remove-affiliation",
	}
} else := null

error_id(_, reason) := concat("", [prefix, suffix]) if {
	reason != "pending-sync"
	suffix := {
		"not-available-offline": "RealtimeServiceNotSupported",
		"headquarters-unreachable": "HeadquarterCommunicationFailure",
		"customer-not-found": "CustomerNotFound",
		"loyalty-enrollment-blocked": "CustomerBlockedForLoyaltyEnrollment",
	}[reason]
}

error_id(_, reason) := null if {
	not reason in {
		"pending-sync", "not-available-offline", "headquarters-unreachable",
		"customer-not-found", "loyalty-enrollment-blocked",
	}
}

# --- section 4: the real-time tail --------------------------------------------------------------

real_time_by := object.union(
	{operation: ["inferred", ["S-104"]] | some operation in {
		"create-quotation", "capture-title", "capture-secondary-contact",
		"inherit-default-affiliations", "add-affiliation", "remove-affiliation",
		"issue-loyalty-card", "pay-customer-account", "manage-client-book",
	}},
	object.union(
		{operation: ["documented", ["S-104"]] | some operation in {
			"edit-customer", "edit-customer-attributes", "create-address", "edit-address",
			"redeem-loyalty-points", "edit-customer-order", "cancel-customer-order",
		}},
		{
			"create-customer-order": ["documented", ["S-107"]],
			"search-all-stores": ["documented", ["S-128"]],
			"search-customers": ["documented", ["S-131"]],
			"create-from-other-company": ["documented", ["S-130"]],
		},
	),
)

real_time(_, now) := ["headquarters-unreachable", "rejected", "headquarters-unreachable", "inferred", ["S-012", "S-018"]] if {
	now.real_time_service == "communication-failure"
} else := ["headquarters-error", "rejected", "headquarters-error", "inferred", ["S-013"]] if {
	now.real_time_service == "other-failure"
}

real_time(operation, now) := ["real-time", "sync", "real-time", basis, sources] if {
	now.real_time_service == "available"
	[basis, sources] := real_time_by[operation]
}

# --- 4.1 ----------------------------------------------------------------------------------------

row("create-customer", now) := ["offline-filtered", "rejected", "customer-data-filtered-offline", "documented", ["S-016", "S-017"]] if {
	offline(now)
	filtered
} else := ["offline-not-configured", "rejected", "offline-creation-not-configured", "documented", ["S-085"]] if {
	offline(now)
	not offline_customers
} else := ["offline", "async", "pos-offline", "documented", ["S-010", "S-011"]] if {
	offline(now)
} else := ["async-mode", "async", "async-creation-mode", "documented", ["S-007"]] if {
	async_customers
} else := ["communication-failure", "async", "real-time-service-fallback", "documented", ["S-012"]] if {
	now.real_time_service == "communication-failure"
} else := ["headquarters-error", "rejected", "headquarters-error", "inferred", ["S-013"]] if {
	now.real_time_service == "other-failure"
} else := ["default", "sync", "default-mode", "documented", ["S-002", "S-004"]]

# --- 4.2 and 4.4: the basis of offline, of async-editing and of pending, and who says async-editing

editing := {
	"edit-customer": ["documented", "documented", "documented", ["S-069", "S-070"]],
	"edit-customer-attributes": ["inferred", "inferred", "inferred", ["S-069", "S-070"]],
	"edit-address": ["inferred", "documented", "inferred", ["S-065", "S-069"]],
}

row(operation, now) := ["offline", "rejected", "not-available-offline", editing[operation][0], ["S-086"]] if {
	editing[operation]
	offline(now)
} else := ["async-editing", "async", "async-editing", editing[operation][1], editing[operation][3]] if {
	editing[operation]
	"edit-customers-async" in effective
} else := ["pending", "rejected", "pending-sync", editing[operation][2], ["S-053"]] if {
	editing[operation]
	pending(now)
} else := real_time(operation, now) if {
	editing[operation]
}

# --- 4.3 ----------------------------------------------------------------------------------------

row("create-address", now) := ["offline", "rejected", "not-available-offline", "inferred", ["S-086"]] if {
	offline(now)
} else := ["async-address", "async", "async-address-creation", "documented", ["S-059", "S-060"]] if {
	"async-address-creation" in effective
} else := ["pending", "rejected", "pending-sync", "inferred", ["S-064"]] if {
	pending(now)
} else := real_time("create-address", now)

# --- 4.5 ----------------------------------------------------------------------------------------

not_enhanced_by := {
	"capture-title": "S-066",
	"capture-secondary-contact": "S-056",
	"inherit-default-affiliations": "S-055",
}

row(operation, now) := ["contacts-disabled", "rejected", "multiple-contacts-disabled", "documented", ["S-121"]] if {
	operation == "capture-secondary-contact"
	store
	not "multiple-contacts" in effective
} else := ["enhanced", "async", "enhanced-async-creation", "documented", ["S-066"]] if {
	not_enhanced_by[operation]
	pending(now)
	"enhanced-async-customer-creation" in effective
} else := ["not-enhanced", "rejected", "enhanced-creation-disabled", "inferred", [not_enhanced_by[operation]]] if {
	not_enhanced_by[operation]
	pending(now)
} else := ["offline", "rejected", "not-available-offline", "inferred", ["S-086"]] if {
	not_enhanced_by[operation]
	offline(now)
} else := ["async-editing", "async", "async-editing", "inferred", ["S-070"]] if {
	not_enhanced_by[operation]
	"edit-customers-async" in effective
} else := real_time(operation, now) if {
	not_enhanced_by[operation]
}

# --- 4.6 ----------------------------------------------------------------------------------------

affiliations := {"add-affiliation", "remove-affiliation"}

row(operation, now) := ["hidden", "rejected", "affiliation-hidden", "documented", ["S-136"]] if {
	operation in affiliations
	now.affiliation_hidden_in_channels
	store
} else := ["offline-pending", "rejected", "undocumented", "undocumented", []] if {
	operation in affiliations
	offline(now)
	pending(now)
} else := ["offline", "async", "pos-offline", "inferred", ["S-088"]] if {
	operation in affiliations
	offline(now)
} else := ["async-editing", "async", "async-editing", "inferred", ["S-070"]] if {
	operation in affiliations
	"edit-customers-async" in effective
} else := ["pending-enhanced", "rejected", "undocumented", "undocumented", []] if {
	operation in affiliations
	pending(now)
	"enhanced-async-customer-creation" in effective
} else := ["pending", "rejected", "pending-sync", "inferred", ["S-053", "S-055"]] if {
	operation in affiliations
	pending(now)
} else := real_time(operation, now) if {
	operation in affiliations
}

# --- 4.7 ----------------------------------------------------------------------------------------

row("issue-loyalty-card", now) := ["anonymous", "rejected", "undocumented", "undocumented", []] if {
	now.customer == "none"
} else := ["blocked", "rejected", "loyalty-enrollment-blocked", "documented", ["S-135"]] if {
	now.loyalty_enrollment_blocked
} else := ["offline", "rejected", "not-available-offline", "documented", ["S-087"]] if {
	offline(now)
} else := ["pending", "rejected", "pending-sync", "documented", ["S-051"]] if {
	pending(now)
} else := real_time("issue-loyalty-card", now)

# --- 4.8 ----------------------------------------------------------------------------------------

money := {"redeem-loyalty-points", "pay-customer-account"}

row(operation, now) := ["offline", "rejected", "not-available-offline", "documented", ["S-176"]] if {
	operation in money
	offline(now)
} else := ["pending", "rejected", "pending-sync", "inferred", ["S-021"]] if {
	operation in money
	pending(now)
} else := real_time(operation, now) if {
	operation in money
}

# --- 4.9: what is documented of orders is inferred of quotations, but for the two offline rows -----

ordering := {"create-customer-order": "documented", "create-quotation": "inferred"}

row(operation, now) := ["e-commerce", "async", "e-commerce-order", "inferred", ["S-111"]] if {
	operation == "create-customer-order"
	config.channel_kind == "online"
} else := ["offline", "async", "pos-offline", "documented", ["S-116"]] if {
	ordering[operation]
	offline(now)
	offline_orders
	async_orders
	not async_backup
} else := ["offline-not-available", "rejected", "not-available-offline", "documented", ["S-116"]] if {
	ordering[operation]
	offline(now)
} else := ["pending-sync-order", "rejected", "pending-customer-on-sync-order", ordering[operation], ["S-052", "S-107"]] if {
	ordering[operation]
	not async_orders
	pending(now)
} else := ["pending-async-order", "async", "async-order-mode", "inferred", ["S-106", "S-033"]] if {
	ordering[operation]
	pending(now)
} else := ["async-backup", "async", "async-backup", ordering[operation], ["S-108", "S-110"]] if {
	ordering[operation]
	async_backup
	now.real_time_service in {"communication-failure", "other-failure"}
} else := ["real-time-first", "sync", "real-time-with-async-backup", ordering[operation], ["S-108"]] if {
	ordering[operation]
	async_backup
} else := ["async-orders", "async", "async-order-mode", ordering[operation], ["S-106"]] if {
	ordering[operation]
	async_orders
} else := real_time(operation, now) if {
	ordering[operation]
}

# --- 4.10 ---------------------------------------------------------------------------------------

row(operation, now) := ["offline", "rejected", "not-available-offline", "documented", ["S-116"]] if {
	operation in with_order
	offline(now)
} else := ["async-cancel", "async", "async-order-cancellation", "documented", ["S-113"]] if {
	operation == "cancel-customer-order"
	now.order == "pending"
	"cancel-async-orders" in effective
} else := ["order-pending", "rejected", "order-not-in-headquarters", "documented", ["S-112"]] if {
	operation in with_order
	now.order == "pending"
} else := real_time(operation, now) if {
	operation in with_order
}

# --- 4.11 ---------------------------------------------------------------------------------------

row("search-customers", now) := ["offline-real-time-search", "rejected", "undocumented", "undocumented", []] if {
	offline(now)
	search_in_headquarters
} else := ["offline", "async", "local-search", "documented", ["S-177"]] if {
	offline(now)
} else := ["local", "async", "local-search", "documented", ["S-127"]] if {
	not search_in_headquarters
} else := real_time("search-customers", now)

elsewhere := {"search-all-stores", "create-from-other-company"}

row(operation, now) := ["offline", "rejected", "not-available-offline", "inferred", ["S-128", "S-130"]] if {
	operation in elsewhere
	offline(now)
} else := ["indexed", "async", "indexed-search", "documented", ["S-179"]] if {
	operation == "search-all-stores"
	"cloud-powered-customer-search" in effective
} else := real_time(operation, now) if {
	operation in elsewhere
}

# --- 4.12 ---------------------------------------------------------------------------------------

row("manage-client-book", now) := ["offline", "rejected", "not-available-offline", "documented", ["S-176"]] if {
	offline(now)
} else := ["pending", "rejected", "undocumented", "undocumented", []] if {
	pending(now)
} else := real_time("manage-client-book", now)

# --- 4.13 ---------------------------------------------------------------------------------------

row(operation, _) := ["b2b-request", "async", "b2b-request", "documented", ["S-140", "S-142"]] if {
	operation in online_only
}
