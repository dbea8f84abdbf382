import { tablePermissions } from "./evaluate";
import { addKey, addMachine, addPerson, lifeOf, machinesHere, peopleOf, type Stage } from "./stage";

const schemas: Record<string, string> = {
  billing:
    "invoices invoice_lines credit_notes customers dunning_runs payments refunds tax_rates price_lists subscriptions exports",
  orders:
    "orders order_lines baskets shipments parcels returns carriers delivery_slots promises cancellations status_history",
  catalogue: "products variants categories brands media attributes translations stock_levels prices suppliers",
  customers: "accounts addresses consents segments preferences logins devices complaints loyalty_points",
  marketing: "campaigns audiences coupons impressions clicks newsletters surveys attribution",
  support: "tickets messages macros satisfaction callbacks agents escalations",
  logistics: "warehouses bins picks packs routes vehicles tariffs customs_declarations",
  finance: "ledger journals cost_centres budgets closings accruals fixed_assets bank_statements exchange_rates",
  people: "workers contracts salaries absences departments trainings",
  risk: "fraud_scores chargebacks blocklist device_prints rules cases",
  web: "page_views sessions searches experiments errors web_vitals",
  staging_crm: "contacts leads opportunities activities",
  staging_erp: "materials purchase_orders goods_receipts vendors",
  reporting: "daily_sales weekly_sales margin_by_brand returns_rate cohort_retention funnel forecast kpi_targets",
  ml: "features embeddings predictions training_runs ranking_events",
  audit: "statement_log role_changes exports_log",
};
const personal = ["customers", "people", "support", "billing"];

/** The warehouse, a PostgreSQL cluster: roles in roles, PUBLIC, owners, superusers, columns. */
export function furnishWarehouse(stage: Stage): void {
  const { world, random } = stage;
  const cluster = world.resource("cluster", "warehouse", { name: "warehouse" });
  const database = world.resource("database", "app", { parent: cluster });
  const everyone = world.group("PUBLIC", { name: "PUBLIC" });
  world.grant(everyone, database, ["CONNECT", "TEMPORARY"]);
  furnishTables(stage);
  const supers = furnishRoles(stage);
  const enter = (account: string, life: { from: number; until: number | null }) =>
    world.join(account, everyone, { ...life, implicit: true });

  for (const person of peopleOf(
    stage,
    "Data",
    "Finance",
    "Site reliability",
    "Payments platform",
    "Support engineering",
  )) {
    // A third of the roles carries no address: they are told by their name.
    const email = random.chance(0.35) ? { email: undefined } : {};
    const account = addPerson(
      stage,
      person,
      { id: person.login, name: person.login, displayName: undefined, ...email },
      { forgets: 0.08, busy: 0.7 },
    );
    enter(account, lifeOf(person));
    world.join(account, roleOfTeam(person.team), lifeOf(person));
    if (person.isLead && person.department === "Data")
      world.join(account, "dba_prod", { ...lifeOf(person), inherits: false, switches: true, administers: true });
    if (person.name === "Jonas Weber") world.join(account, "dba_prod", { from: -9, until: null });
    if (person.name === "Anna Lindqvist") grantSuperuser(stage, account);
    world.credential({
      account,
      kind: "password",
      id: account,
      name: "Password (SCRAM)",
      ...lifeOf(person),
      created: Math.max(person.from, -random.int(20, 600)),
      use: null,
      ...(random.chance(0.3) ? { expires: random.int(3, 200) } : {}),
    });
  }
  for (const machine of machinesHere(stage)) {
    const name = machine.name
      .toLowerCase()
      .replace(/^svc-/, "")
      .replaceAll(/[^a-z0-9]+/g, "_");
    const account = addMachine(stage, machine, { id: name, name });
    enter(account, lifeOf(machine));
    addKey(stage, machine, account, { kind: "password", id: name, name: "Password (SCRAM)" });
    if (machine.privilege === 4) grantSuperuser(stage, account);
    else world.join(account, random.pick(rolesByPrivilege[machine.privilege]), lifeOf(machine));
    if (random.chance(0.25)) grantDirect(stage, account, lifeOf(machine));
  }
  world.account({
    id: "postgres",
    name: "postgres",
    hint: { kind: "service_account", reason: "it is the cluster's first role" },
    from: -4_000,
    until: null,
    use: { everyMinutes: 10_080, stoppedOn: null },
  });
  enter("postgres", { from: -4_000, until: null });
  for (const account of ["postgres", ...supers]) grantSuperuser(stage, account);
  for (const [index, name] of ["dwh_old", "tmp_migration_2024", "etl2", "report_test", "jw", "consultant7"].entries()) {
    // Roles whose people and purpose nobody remembers.
    world.account({
      id: name,
      name,
      from: -900 - index * 40,
      until: null,
      use: { everyMinutes: 1_440, stoppedOn: -120 - index * 45 },
    });
    enter(name, { from: -900, until: null });
    world.join(name, random.pick(["reporting_base", "analysts_rw"]));
  }
}

function furnishTables({ world, random }: Stage): void {
  for (const [schema, tables] of Object.entries(schemas)) {
    const parent = world.resource("schema", schema, { parent: { type: "database", id: "app" } });
    for (const table of tables.split(" ")) {
      const id = `${schema}.${table}`;
      const attributes = personal.includes(schema)
        ? { data: "personal" }
        : schema === "finance"
          ? { data: "financial record" }
          : {};
      const resource = world.resource("table", id, { parent, attributes });
      if (random.chance(0.15)) world.resource("column", `${id}.note`, { parent: resource });
    }
  }
}

const rolesByPrivilege: Record<1 | 2 | 3, readonly string[]> = {
  1: ["reporting_base", "web_ro", "catalogue_ro"],
  2: ["analysts_rw", "loaders", "orders_rw"],
  3: ["billing_owner"],
};

function roleOfTeam(team: string): string {
  const roles: Record<string, string> = {
    "Data platform": "etl_admin",
    "Machine learning": "ml_rw",
    "Site reliability": "operators",
    "Payments platform": "payments_rw",
  };
  return roles[team] ?? "analysts";
}

// Roles in roles, five deep: dba_prod ← etl_admin ← analysts_rw ← analysts ← reporting_base.
function furnishRoles({ world }: Stage): string[] {
  const give = (role: string, names: readonly string[], permissions: readonly string[]) => {
    world.group(role);
    for (const schema of names) {
      world.grant(role, { type: "schema", id: schema }, ["USAGE"]);
      for (const table of (schemas[schema] ?? "").split(" "))
        world.grant(role, { type: "table", id: `${schema}.${table}` }, permissions);
    }
  };
  give("reporting_base", ["reporting", "billing", "orders", "catalogue"], ["SELECT"]);
  give("web_ro", ["web"], ["SELECT"]);
  give("catalogue_ro", ["catalogue"], ["SELECT"]);
  give("analysts", ["finance", "logistics", "marketing", "risk"], ["SELECT"]);
  give("analysts_rw", ["reporting"], ["INSERT", "UPDATE", "DELETE"]);
  give("orders_rw", ["orders"], ["SELECT", "INSERT", "UPDATE"]);
  give("loaders", ["staging_crm", "staging_erp", "web", "ml"], ["SELECT", "INSERT"]);
  give("payments_rw", ["billing"], ["SELECT", "INSERT", "UPDATE"]);
  give("ml_rw", ["ml"], tablePermissions);
  give("billing_owner", ["billing"], tablePermissions);
  give("etl_admin", ["staging_crm", "staging_erp", "web", "audit"], tablePermissions);
  give("operators", ["audit"], ["SELECT"]);
  for (const table of ["invoices", "exports"]) {
    world.grant("billing_owner", { type: "table", id: `billing.${table}` }, ["OWNER"]);
    world.grant("dba_prod", { type: "table", id: `audit.${table === "exports" ? "exports_log" : "statement_log"}` }, [
      "OWNER",
    ]);
  }
  world.group("dba_prod");
  world.grant("analysts_rw", { type: "table", id: "billing.invoices" }, ["UPDATE"]);
  world.grant("analysts_rw", { type: "table", id: "billing.credit_notes" }, ["UPDATE"]);
  world.grant("reporting_base", { type: "table", id: "people.workers" }, ["SELECT"], {
    condition: "row-level security: policy own_department",
  });
  const nested = [
    ["analysts", "reporting_base"],
    ["analysts_rw", "analysts"],
    ["loaders", "reporting_base"],
    ["etl_admin", "analysts_rw"],
    ["etl_admin", "loaders"],
    ["dba_prod", "etl_admin"],
    ["dba_prod", "billing_owner"],
    ["payments_rw", "reporting_base"],
  ] as const;
  for (const [member, group] of nested) world.join(member, group);
  for (const schema of Object.keys(schemas))
    world.grant("dba_prod", { type: "schema", id: schema }, ["USAGE", "CREATE"]);
  return [];
}

function grantSuperuser({ world }: Stage, account: string): void {
  const pattern = { grants: "everything" };
  world.grant(account, { type: "cluster", id: "warehouse" }, ["superuser"], { pattern, privilege: 4 });
}

function grantDirect({ world, random }: Stage, account: string, life: { from: number; until: number | null }): void {
  for (const schema of random.some(Object.keys(schemas), random.int(1, 2))) {
    for (const table of random.some((schemas[schema] ?? "").split(" "), random.int(1, 4))) {
      world.grant(
        account,
        { type: "table", id: `${schema}.${table}` },
        random.some(tablePermissions.slice(0, 4), 2),
        life,
      );
    }
  }
}
