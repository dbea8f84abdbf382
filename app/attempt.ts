import { forbidden, notFound, redirect, unstable_rethrow } from "next/navigation";
import { refusalOf } from "@/lib/db/refusal";
import type { AppError } from "@/lib/errors";

export type Attempt<T> = { ok: true; value: T } | { ok: false; refusal: AppError };

/**
 * Reads what a page shows. What the reader may not see, and what is not there, become those pages; an input that is
 * wrong or a database that is away is a refusal for the page to show in place of its content. Anything else is a bug.
 */
export async function attempt<T>(read: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    unstable_rethrow(error);
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    if (refusal.code === "forbidden") forbidden();
    if (refusal.code === "not_found") notFound();
    if (refusal.code === "unauthenticated") redirect("/sign-in");
    return { ok: false, refusal };
  }
}
