import {
  IconApi,
  IconCube,
  IconGitBranch,
  IconRobot,
  IconSparkles,
  IconUser,
  IconUserCog,
  IconUserQuestion,
} from "@tabler/icons-react";
import type { IdentityKind } from "@/lib/connectors/schema";
import { kindLabels } from "@/lib/inventory/labels";
import css from "./kind-icon.module.css";

const icons = {
  human: IconUser,
  service_account: IconUserCog,
  api_client: IconApi,
  ci_pipeline: IconGitBranch,
  workload: IconCube,
  bot: IconRobot,
  ai_agent: IconSparkles,
  unmatched: IconUserQuestion,
} as const;

export type ShownKind = IdentityKind | "unmatched";

/** A kind in its box: people round, machines square, unmatched dashed. Says its word where none stands beside it. */
export function KindIcon({ kind, size = 20, worded }: { kind: ShownKind; size?: number; worded?: true }) {
  const Icon = icons[kind];
  const label = kind === "unmatched" ? "Unmatched account" : kindLabels[kind];
  return (
    <span
      className={css.box}
      data-kind={kind}
      data-tip={worded ? undefined : label}
      style={{ width: size, height: size }}
    >
      <Icon size={Math.round(size * 0.62)} stroke={1.7} aria-hidden />
      {worded ? null : <span className="unseen">{label}</span>}
    </span>
  );
}
