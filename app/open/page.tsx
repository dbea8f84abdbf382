import type { Metadata, Route } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { PageHeader } from "@/components/page-header";
import type { PersonActor } from "@/lib/auth/actor";
import { requireActor } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import type { AppError } from "@/lib/errors";
import { openLink } from "@/lib/messages/signed-link";

export const metadata: Metadata = { title: "Open a link" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Where a link in a message leads: after sign-in on to its page, or to the reason why not. Changes nothing. */
export default async function OpenPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { link } = await searchParams;
  const opened = await tryLink(actor, typeof link === "string" ? link : "");
  if ("path" in opened) redirect(opened.path as Route);
  return (
    <>
      <PageHeader title="This link opens nothing" />
      <EmptyState title={opened.message} actions={<Link href="/">Go to the overview</Link>}>
        <p>{opened.remedy}</p>
        <p>
          You are signed in as <Isolated value={actor.email ?? actor.name} />.
        </p>
      </EmptyState>
    </>
  );
}

async function tryLink(actor: PersonActor, link: string): Promise<{ path: string } | AppError> {
  try {
    return await openLink(actor, link);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return refusal;
  }
}
