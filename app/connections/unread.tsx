import { ErrorNote } from "@/components/error-note";
import { PageHeader } from "@/components/page-header";
import type { AppError } from "@/lib/errors";
import css from "./connections.module.css";

/** A page whose content could not be read: why, and what to do. */
export function Unread({ title, refusal }: { title: string; refusal: AppError }) {
  return (
    <>
      <PageHeader title={title} />
      <div className={css.page}>
        <ErrorNote title="This could not be read" remedy={refusal.remedy}>
          {refusal.message}
        </ErrorNote>
      </div>
    </>
  );
}
