"use client";

import { useRouter } from "next/navigation";
import { IdentityPicker } from "@/components/identity-picker";

/** Whom the preview is of. */
export function ChooseLeaver() {
  const router = useRouter();
  return (
    <IdentityPicker
      label="A person or a machine"
      picked={null}
      onPick={({ id }) => router.push(`/offboardings/new?identity=${id}`)}
    />
  );
}
