import type { AppError } from "@/lib/errors";
import { ErrorNote } from "./error-note";

/** A refusal in place of what it kept from being read. */
export function RefusalNote({ refusal }: { refusal: Pick<AppError, "message" | "remedy"> }) {
  return <ErrorNote title={refusal.message} remedy={refusal.remedy} />;
}
