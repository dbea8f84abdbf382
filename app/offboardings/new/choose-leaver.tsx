"use client";

import { useRouter } from "next/navigation";
import { IdentityPicker } from "@/components/identity-picker";
import css from "../runs.module.css";

/** Whom the preview is of. */
export function ChooseLeaver() {
  const router = useRouter();
  return (
    <div className={css.choose}>
      <p className="dimmed">
        Choose a person or a machine: the next page shows exactly what would go and what would be left behind. Nothing
        happens before you start it there.
      </p>
      <IdentityPicker
        label="A person or a machine"
        picked={null}
        onPick={({ id }) => router.push(`/offboardings/new?identity=${id}`)}
      />
    </div>
  );
}
