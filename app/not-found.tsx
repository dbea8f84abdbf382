import Link from "next/link";
import { EmptyState } from "@/components/empty-state";
import { PageHeader } from "@/components/page-header";

export default function NotFound() {
  return (
    <>
      <PageHeader title="Not here" />
      <EmptyState
        title="There is no such page, or what it showed is gone"
        actions={<Link href="/">To the overview</Link>}
      >
        <p>Look it up by its name with Ctrl K. Nothing that was observed is ever lost: history keeps what is gone.</p>
      </EmptyState>
    </>
  );
}
