import type { Metadata, Route } from "next";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { listMatchRules } from "@/lib/connections/match-rule-queries";
import { listConnections } from "@/lib/connections/queries";
import { attempt } from "../../attempt";
import { RuleForm } from "./rule-form";
import { RuleTable } from "./rule-table";
import css from "./rules.module.css";

export const metadata: Metadata = { title: "Matching rules" };

const breadcrumb = [{ label: "Accounts", href: "/accounts" as Route }];

/** How accounts find the identity they belong to, and the rules that an organisation adds. */
export default async function MatchRulesPage() {
  const actor = await requireActor();
  const read = await attempt(() => Promise.all([listMatchRules(actor), listConnections(actor)]));
  if (!read.ok)
    return (
      <>
        <PageHeader title="Matching rules" breadcrumb={breadcrumb} />
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      </>
    );
  const [rules, connections] = read.value;
  const mayMatch = may(actor, "identity:match");
  return (
    <>
      <PageHeader title="Matching rules" breadcrumb={breadcrumb} />
      <div className={css.page}>
        <Panel title="How an account finds its identity" aside="the first that fits">
          <ol className={css.order}>
            <li>What a person said on the list of accounts stays, whatever comes later.</li>
            <li>
              The same e-mail address, <span className="dimmed">100 % sure</span>
            </li>
            <li>
              The same employee number, <span className="dimmed">95 % sure</span>
            </li>
            <li>The rules below, in their order. One that makes several people’s name is no match.</li>
            <li>
              Else it makes an identity of its own, if it is a machine, if people come from its system, or while no
              system says who works here. What is left is unmatched.
            </li>
          </ol>
        </Panel>
        <Panel title="Rules" aside={String(rules.length)} flush={rules.length > 0 ? true : undefined}>
          {rules.length > 0 ? (
            <RuleTable rules={rules} mayDelete={mayMatch} />
          ) : (
            <p className="dimmed">
              None yet. A rule turns what a system calls somebody, such as <code>a_lindqvist</code>, into what they are
              known by, such as <code>a.lindqvist@example.com</code>.
            </p>
          )}
        </Panel>
        {mayMatch ? (
          <Panel title="A new rule">
            <RuleForm connections={connections.map(({ id, name }) => ({ id, name }))} />
          </Panel>
        ) : null}
      </div>
    </>
  );
}
