import type { Metadata, Route } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { passkeysPossible } from "@/lib/auth/challenge";
import { requireActor } from "@/lib/auth/current-actor";
import { deviceWords } from "@/lib/auth/labels";
import { listPasskeys } from "@/lib/auth/queries";
import { SignInCard } from "../card";
import { AddPasskeyForm } from "./add-passkey-form";

export const metadata: Metadata = { title: "Add a passkey" };

/** After a one-time link: the way back in for the next time. */
export default async function AddPasskeyPage() {
  const actor = await requireActor();
  if (!passkeysPossible() || (await listPasskeys(actor)).length > 0) redirect("/" as Route);
  const device = deviceWords((await headers()).get("user-agent"));
  return (
    <SignInCard
      title="Add a passkey for the next time"
      lead="You are signed in. The link is used up; a passkey on this device or a security key lets you in again."
    >
      <AddPasskeyForm suggestedName={device} />
    </SignInCard>
  );
}
