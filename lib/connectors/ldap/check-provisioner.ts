import { ConnectorError } from "../connector-error";
import type { CheckResult } from "../contract";
import { signIn } from "./client";
import { textsOf } from "./entry";
import { type Place, placeOf } from "./find-entry";
import { type Call, mayProvision } from "./give-access";
import { filters } from "./kinds";

type Gives = Required<Pick<CheckResult, "gives" | "cannotGive">>;

const mostNamed = 10;

/** What the account that gives access can give and take, and what it cannot. */
export async function checkProvisioner(call: Call): Promise<Gives> {
  const may = mayProvision(call.settings);
  if (may !== true) return { gives: [], cannotGive: [{ what: "anything", ...may }] };
  try {
    const session = await signIn(call, "gives");
    try {
      return await inWords(await placeOf(session, call.settings), call.settings.provisionDn);
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    call.signal.throwIfAborted();
    return { gives: [], cannotGive: [{ what: "anything", because: error.message, remedy: error.remedy }] };
  }
}

async function inWords(place: Place, who: string): Promise<Gives> {
  const { at } = place;
  const cannotGive = [
    {
      what: "an end of the access kept by the directory itself",
      because: "a membership there has no end",
      remedy: "Keep a worker of Rollcall running: it takes the account out in time.",
    },
  ];
  if (at.schema === "openldap") {
    // OpenLDAP tells nobody what they may write.
    return {
      gives: [`membership of the groups that olcAccess lets ${who} write; it tells of none beforehand`],
      cannotGive,
    };
  }
  const writable = await writableGroups(place);
  if (writable.length === 0) {
    const because = `${who} may write the members of no group`;
    return {
      gives: [],
      cannotGive: [{ what: "membership of any group", because, remedy: "Run the set-up instructions." }, ...cannotGive],
    };
  }
  const named = writable.slice(0, mostNamed).join("; ");
  const more = writable.length > mostNamed ? ` and ${writable.length - mostNamed} more` : "";
  return { gives: [`membership of ${named}${more}`], cannotGive };
}

// What the one who asks may write is an attribute of each entry (MS-ADTS 3.1.1.4.5.25).
async function writableGroups({ session, at }: Place): Promise<string[]> {
  const found: string[] = [];
  const filter = filters["active-directory"].groups;
  const search = { base: at.base, scope: "sub", filter, attributes: ["allowedAttributesEffective"] } as const;
  for await (const page of session.pages(search)) {
    const writable = page.filter((group) => textsOf(group, "allowedAttributesEffective").includes("member"));
    found.push(...writable.map((group) => group.dn));
  }
  return found;
}
