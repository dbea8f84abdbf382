import type { Route } from "next";
import { LinkButton } from "@/components/link-button";
import type { GrantRow } from "@/lib/grants/grant-rows";
import { ExtendGrant } from "./extend-grant";

/** Asks for more time, or leads to the question that waits already. */
export function MoreTime({ grant: { id, moreTime }, name }: { grant: GrantRow; name: string }) {
  if (moreTime === null) return <ExtendGrant id={id} name={name} />;
  return (
    <LinkButton
      href={`/requests/${moreTime.id}` as Route}
      variant="default"
      size="compact-sm"
      aria-label={`More time for ${name}: R-${moreTime.number} waits`}
    >
      R-{moreTime.number} asks for more
    </LinkButton>
  );
}
