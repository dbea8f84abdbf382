import type { Route } from "next";

// Types of targets that have a page; the id of a run is on its connection's page.
const pages: Record<string, (id: string) => string> = {
  identity: (id) => `/identities/${id}`,
  connection: (id) => `/connections/${id}`,
  resource: (id) => `/resources/${id}`,
  request: (id) => `/requests/${id}`,
  grant: (id) => `/grants/${id}`,
  offboarding: (id) => `/offboardings/${id}`,
};

const uuid = /^[0-9a-f-]{36}$/i;

/** The page of what an event was done to, or null where there is none. */
export function targetHref(target: { type: string; id: string | null } | null): Route | null {
  const page = target && Object.hasOwn(pages, target.type) ? pages[target.type] : null;
  return page && target?.id && uuid.test(target.id) ? (page(target.id) as Route) : null;
}
