// The dependency rule as one table: imports point down, never up. There is no exemption list.
// dependency-cruiser refuses nested-quantifier patterns, hence the arrays.
const pure = ["^lib/(errors|time)\\.ts$", "^lib/[^/]+/(schema|states|labels|permissions)\\.ts$", "^lib/views/lists/"];
const product =
  "^lib/(access|inventory|views|connections|usage|findings|federation|grants|requests|reviews|offboarding|policies|operations|restoration)/";
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    rule(
      "doors-are-thin",
      "Routes, jobs and the command line call commands and queries; they hold no database and no vendor.",
      { path: "^(app|worker|bin)/", pathNot: "\\.test\\.ts$" },
      { path: "^lib/(db/client|connectors/[^/]+/)|^lib/audit/(record|tree)\\.ts$" },
    ),
    rule(
      "components-show-only",
      "A component gets data and callbacks; of lib it knows the pure files only.",
      { path: "^components/" },
      { path: "^(app|worker|bin|lib)/", pathNot: pure },
    ),
    rule(
      "components-never-reach-the-database",
      "The same, through any number of steps.",
      { path: "^components/" },
      { path: "^lib/db/", reachable: true },
    ),
    rule(
      "lib-knows-no-door",
      "The product does not know whether a person, a clock or a terminal called it.",
      { path: "^lib/", pathNot: "^lib/auth/" },
      { path: "^(app|components|worker|bin)/|node_modules/(next|react|next-auth)/" },
    ),
    rule(
      "pure-stays-pure",
      "Shapes, states and verdicts depend on nothing that can fail or wait.",
      { path: ["^lib/[^/]+/(schema|states|labels)\\.ts$", "^lib/views/lists/"] },
      { path: "^lib/", pathNot: pure },
    ),
    rule(
      "connectors-know-no-database",
      "A connector talks to one system and returns what it saw.",
      { path: "^lib/connectors/", pathNot: "\\.test\\.ts$" },
      { path: ["^lib/(db|audit|jobs|auth)/", product] },
    ),
    rule(
      "network-knows-only-settings",
      "Calling out safely knows neither who calls nor why.",
      { path: "^lib/network/" },
      { path: "^lib/", pathNot: "^lib/(network/|(env|errors|time|time-limit)\\.ts)" },
    ),
    rule(
      "connectors-are-islands",
      "No connector imports another.",
      { path: "^lib/connectors/([^/]+)/" },
      { path: "^lib/connectors/[^/]+/", pathNot: "^lib/connectors/$1/" },
    ),
    rule(
      "holding-below-asking",
      "What holds access does not know who asked, reviewed or left.",
      { path: "^lib/(access|inventory|connections|policies|grants)/" },
      { path: "^lib/(requests|reviews|offboarding|restoration)/" },
    ),
    rule(
      "existing-below-holding",
      "What exists does not know what was granted.",
      { path: "^lib/(access|inventory|connections|policies)/" },
      { path: "^lib/grants/" },
    ),
    rule(
      "platform-below-product",
      "db, auth, audit, jobs, lists and messages know no product noun; who has something to say calls messages.",
      { path: "^lib/(db|auth|audit|jobs|lists|messages)/" },
      { path: product },
    ),
    rule("no-cycles", "If two files need each other, one of them is two files.", {}, { circular: true }),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "generated|\\.next|\\.build" },
  },
};
