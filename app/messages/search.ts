import { z } from "zod";
import { deliveryStates } from "@/lib/messages/states";

const searchSchema = z.object({
  state: z.enum(deliveryStates).optional().catch(undefined),
  channel: z.uuid().optional().catch(undefined),
  cursor: z.string().max(200).optional().catch(undefined),
});
export type MessageSearch = z.output<typeof searchSchema>;

/** The filters in the page's address; what is not one is left out. */
export function searchOf(given: Record<string, string | string[] | undefined>): MessageSearch {
  return searchSchema.parse(given);
}

/** The address of the list of deliveries with these filters. */
export function addressOf(search: MessageSearch): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "/messages" : `/messages?${new URLSearchParams(given)}`;
}
