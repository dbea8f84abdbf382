import Link from "next/link";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";

/** What a reader's role does not show them is said to be hidden, never shown as empty. */
export default function Forbidden() {
  return (
    <>
      <PageHeader title="Hidden by your role" />
      <EmptyState title="Your role does not show you this" actions={<Link href="/">To the overview</Link>}>
        <p>
          You see yourself, what you own, and the people who report to you. For more, ask an administrator for a role
          that sees it, or ask somebody who has one. That you came here is in the record.
        </p>
      </EmptyState>
    </>
  );
}
