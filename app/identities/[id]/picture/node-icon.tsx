import {
  IconArrowNarrowRight,
  IconBox,
  IconBucket,
  IconColumns,
  IconDatabase,
  IconFolder,
  IconFolders,
  IconGitBranch,
  IconHierarchy2,
  IconKey,
  IconLogin2,
  IconStack2,
  IconTable,
} from "@tabler/icons-react";
import { KindIcon, type ShownKind } from "@/components/kind-icon";
import type { PictureNode } from "./graph";

// Words that systems use for what they protect; anything else is a box.
const resourceIcons: [RegExp, typeof IconBox][] = [
  [/table|view/i, IconTable],
  [/column/i, IconColumns],
  [/schema/i, IconFolders],
  [/database|cluster/i, IconDatabase],
  [/bucket/i, IconBucket],
  [/key|secret/i, IconKey],
  [/repo|branch/i, IconGitBranch],
  [/share|folder|directory/i, IconFolder],
  [/role|group|team/i, IconHierarchy2],
];
const icons = { account: IconLogin2, group: IconHierarchy2, direct: IconArrowNarrowRight, more: IconStack2 } as const;

/** The icon of a node; an entitlement has none, its bars stand at the other end. */
export function NodeIcon({ node }: { node: PictureNode }) {
  if (node.kind === "identity") return <KindIcon kind={(node.type ?? "human") as ShownKind} worded />;
  if (node.kind === "entitlement") return null;
  const Icon =
    node.kind === "resource"
      ? (resourceIcons.find(([word]) => word.test(node.type ?? ""))?.[1] ?? IconBox)
      : icons[node.kind];
  return <Icon size={16} stroke={1.7} aria-hidden />;
}
