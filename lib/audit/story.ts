import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { type ItemRow, itemColumns, itemOf } from "./event-rows";
import type { EventItem } from "./schema";

/** Of what: `type:id`. */
export const storyInput = z.strictObject({
  type: z.string().regex(/^[a-z_]{1,60}$/),
  id: z.string().min(1).max(200),
});

/** What happened to a thing, from the beginning; `more` when there is more than is told. */
export type Story = { name: string | null; events: EventItem[]; more: boolean };

const longest = 500;
// By what name details speak of a thing of each type.
const namedIn: Record<string, string[]> = {
  request: ["requestId"],
  grant: ["grantId"],
  identity: ["subjectId", "identityId"],
  offboarding: ["offboardingId"],
};

/**
 * Everything that the record tells of one thing, oldest first: what was done to it; of a person also what they did; and
 * what was done to the things that came of it (the grants of a request, the requests and grants of an identity).
 */
export async function getStory(actor: Actor, input: z.input<typeof storyInput>): Promise<Story> {
  await authorize(actor, "activity:read", { type: input.type, id: input.id });
  const { type, id } = storyInput.parse(input);
  const names = namedIn[type] ?? [];
  const linked = names.map(
    (name) => `select e.id from audit_events e where e.details ? '${name}' and e.details->>'${name}' = $2`,
  );
  const children = names.map(
    (name) =>
      `select distinct e.target_type, e.target_id from audit_events e where e.details ? '${name}' and e.details->>'${name}' = $2
         and e.target_id is not null and (e.target_type, e.target_id) <> ($1, $2)`,
  );
  const own =
    type === "identity"
      ? ["select e.id from users u join audit_events e on e.actor_id = u.id::text where u.identity_id::text = $2"]
      : [];
  const parts = [
    "select e.id from audit_events e where e.target_type = $1 and e.target_id = $2",
    ...linked,
    ...own,
    ...children.map(
      (child) =>
        `select e.id from (${child} limit 200) c join audit_events e on e.target_type = c.target_type and e.target_id = c.target_id`,
    ),
  ];
  const found = await rows<ItemRow>(
    `select ${itemColumns} from (${parts.map((part) => `(${part})`).join(" union ")}) told
     join audit_events e on e.id = told.id left join audit_sequence s on s.event_id = e.id
     order by e.at, s.position nulls last, e.id limit ${longest + 1}`,
    [type, id],
  );
  const events = found.slice(0, longest).map(itemOf);
  const named = events.filter((event) => event.target?.type === type && event.target.id === id && event.target.name);
  // The steps of a leaving are told under names of their own; anything else is called what it was called last.
  const name = (type === "offboarding" ? named[0] : named.at(-1))?.target?.name ?? null;
  return { name, events, more: found.length > longest };
}
