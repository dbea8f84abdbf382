import { ActButton } from "@/components/act-button";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { PlainTable } from "@/components/plain-table";
import type { MatchRuleRow } from "@/lib/connections/match-rule-queries";
import { deleteRule } from "./actions";
import css from "./rules.module.css";
import { fieldWords, sureWords, targetWords } from "./words";

const columns = [
  { key: "name", label: "Rule" },
  { key: "of", label: "Accounts of" },
  { key: "when", label: "When its" },
  { key: "becomes", label: "It is who has the" },
  { key: "sure", label: "How sure", keep: true },
  { key: "matched", label: "Has matched", end: true },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

/** The saved rules in the order they are tried. */
export function RuleTable({ rules, mayDelete }: { rules: readonly MatchRuleRow[]; mayDelete: boolean }) {
  return (
    <PlainTable
      label="Matching rules"
      columns={columns}
      rows={rules.map((rule) => ({
        key: rule.id,
        cells: {
          name: <Name value={rule.name} strong />,
          of: rule.connection ? <Name value={rule.connection.name} mono /> : "every system",
          when: (
            <span>
              {fieldWords[rule.field]} is <Isolated mono value={rule.pattern} />
            </span>
          ),
          becomes: (
            <span>
              {targetWords[rule.target]} <Isolated mono value={rule.template} />
            </span>
          ),
          sure: sureWords(rule.confidence),
          matched: rule.matched === 0 ? <span className="dimmed">none</span> : numberWords(rule.matched),
          acts: mayDelete ? <Delete rule={rule} /> : null,
        },
      }))}
    />
  );
}

function Delete({ rule }: { rule: MatchRuleRow }) {
  return (
    <span className={css.acts}>
      <ActButton
        act={deleteRule}
        input={{ id: rule.id }}
        name={`Delete ${rule.name}`}
        destructive
        confirm={{
          title: `Delete ${rule.name}?`,
          effects: [{ what: "1 rule is tried no more" }],
          text: `${numberWords(rule.matched)} ${rule.matched === 1 ? "account stays" : "accounts stay"} with the identity that it found.`,
          confirmLabel: "Delete 1 rule",
        }}
      >
        Delete…
      </ActButton>
    </span>
  );
}
