import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect, useMemo, useRef, useState, useTransition } from "react";
import { isoDuration } from "@/components/access/duration-words";
import type { Refusal } from "@/lib/errors";
import type { CatalogueEntry, Subject } from "@/lib/requests/catalogue-queries";
import type { RequestPreview } from "@/lib/requests/preview-queries";
import type { SubmitRequestInput } from "@/lib/requests/schema";
import { preview as askPreview, submit } from "./actions";

/** What is in the form: whom it is for, what, how long, why. */
export type Asking = {
  subject: Subject;
  basket: readonly Chosen[];
  seconds: number;
  startsAt: string;
  reason: string;
  ticket: string;
  give: "assignment" | "credential";
  breakGlass: boolean;
};

/** An entry of the catalogue in the basket. */
export type Chosen = Pick<CatalogueEntry, "key" | "permission" | "resource" | "privilege"> & {
  connection: { name: string; environment: string };
};

/** The form's content, what would become of it (asked anew a moment after each change), and sending it. */
export function useAsk(subjects: readonly Subject[], first: Subject) {
  const router = useRouter();
  const [asking, setAsking] = useState<Asking>({
    subject: subjects[0] ?? first,
    basket: [],
    seconds: 14_400,
    startsAt: "",
    reason: "",
    ticket: "",
    give: "assignment",
    breakGlass: false,
  });
  const { preview, previewRefusal } = usePreview(asking);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const change = (part: Partial<Asking>) => {
    setRefusal(null);
    setAsking((now) => ({ ...now, ...part }));
  };
  const toggle = (entry: Chosen) =>
    change({
      basket: asking.basket.some(({ key }) => key === entry.key)
        ? asking.basket.filter(({ key }) => key !== entry.key)
        : [...asking.basket, entry],
    });
  const send = () =>
    startWork(async () => {
      const answer = await submit(inputOf(asking));
      if (!answer.ok) return setRefusal(answer.refusal);
      router.push(`/requests/${answer.value.id}` as Route);
    });
  return { asking, change, toggle, preview, refusal: refusal ?? previewRefusal, send, busy };
}

function usePreview(asking: Asking) {
  const [preview, setPreview] = useState<RequestPreview | null>(null);
  const [previewRefusal, setPreviewRefusal] = useState<Refusal | null>(null);
  const latest = useRef("");
  // What is typed as a reason changes nothing but whether there is one.
  const input = useMemo(
    () =>
      asking.basket.length === 0 ? "" : JSON.stringify(inputOf({ ...asking, reason: asking.reason.trim() ? "x" : "" })),
    [asking],
  );
  useEffect(() => {
    latest.current = input;
    if (input === "") return setPreview(null);
    const timer = setTimeout(async () => {
      const answer = await askPreview(JSON.parse(input));
      if (latest.current !== input) return;
      setPreview(answer.ok ? answer.value : null);
      setPreviewRefusal(answer.ok ? null : answer.refusal);
    }, 250);
    return () => clearTimeout(timer);
  }, [input]);
  return { preview, previewRefusal };
}

function inputOf(asking: Asking): SubmitRequestInput {
  const { subject, basket, seconds, startsAt, reason, ticket, give, breakGlass } = asking;
  return {
    for: subject.relation === "self" ? "me" : subject.id,
    items: basket.map(({ connection, permission, resource }) => ({
      connection: connection.name,
      permission,
      resource: { type: resource.type, id: resource.id },
    })),
    reason,
    ...(ticket.trim() ? { ticket: ticket.trim() } : {}),
    duration: isoDuration(seconds),
    startsAt: startsAt ? new Date(startsAt).toISOString() : null,
    give,
    breakGlass,
  };
}
