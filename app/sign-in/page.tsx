import type { Metadata, Route } from "next";
import { redirect } from "next/navigation";
import { ErrorNote } from "@/components/error-note";
import { safeReturnPath, siteAddress } from "@/lib/auth/address";
import { passkeysPossible } from "@/lib/auth/challenge";
import { currentActor } from "@/lib/auth/current-actor";
import { signInErrorWords } from "@/lib/auth/labels";
import { singleSignOnName } from "@/lib/auth/single-sign-on";
import { SignInCard } from "./card";
import css from "./sign-in.module.css";
import { SignInWays } from "./ways";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function SignInPage({ searchParams }: Props) {
  const given = await searchParams;
  // After an error next-auth names the way back with our whole address.
  const next = safeReturnPath(one(given.next) ?? one(given.callbackUrl)?.replace(siteAddress().origin, ""));
  const error = one(given.error);
  if (error === null && (await currentActor())) redirect(next as Route);
  const words = error === null ? null : signInErrorWords(error);
  return (
    <SignInCard title="Sign in" lead={next === "/" ? undefined : "You come back to the page you asked for."}>
      {words ? <ErrorNote title={words.title} remedy={words.remedy} /> : null}
      {one(given.out) !== null && error === null ? (
        <p className={css.lead} role="status">
          You are signed out. Your old session opens nothing any more.
        </p>
      ) : null}
      <SignInWays next={next} singleSignOn={singleSignOnName()} passkeys={passkeysPossible()} />
      <p className={css.note}>
        No way in? Whoever runs Rollcall makes a one-time link with <code>rollcall sign-in-link</code>.
      </p>
    </SignInCard>
  );
}

function one(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
