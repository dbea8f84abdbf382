"use client";

import { useRouter } from "next/navigation";
import { startTransition } from "react";
import { ErrorNote } from "@/components/error-note";
import { ToolButton } from "@/components/tool-button";

type Props = { error: Error & { digest?: string }; reset: () => void };

/** A page that could not be shown: the database was away, or there is a fault of ours, which the reference finds. */
export default function PageError({ error, reset }: Props) {
  const router = useRouter();
  const again = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <ErrorNote
      title="This page cannot be shown just now"
      remedy="Nothing was changed. Try again in a few seconds; if it stays, give the reference to whoever runs Rollcall."
      reference={error.digest}
      actions={<ToolButton onClick={again}>Try again</ToolButton>}
    />
  );
}
