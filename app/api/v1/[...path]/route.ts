import { answer } from "../answer";

export const dynamic = "force-dynamic";

// Every method comes to the same table, which also says which methods an address takes.
export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
