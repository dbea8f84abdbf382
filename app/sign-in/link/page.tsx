import type { Metadata } from "next";
import { SignInCard } from "../card";
import { LinkForm } from "./link-form";

export const metadata: Metadata = { title: "Sign in by link" };

// Opening the link does nothing yet: what follows links in mail must not use it up. The button does.
export default function SignInLinkPage() {
  return (
    <SignInCard title="Sign in with your one-time link" lead="It works once, for 30 minutes.">
      <LinkForm />
    </SignInCard>
  );
}
