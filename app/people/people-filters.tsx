import "@/components/inputs.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { roles } from "@/lib/auth/permissions";
import css from "./people.module.css";
import type { PeopleSearch } from "./search";

const roleChoices = [{ value: "", label: "Any role" }, ...roles.map((role) => ({ value: role, label: role }))];
const statusChoices = [
  { value: "", label: "Active and disabled" },
  { value: "active", label: "Active" },
  { value: "disabled", label: "Disabled" },
];

/** The list's filters, as a form that asks for the page anew: the address holds them. */
export function PeopleFilters({ search }: { search: PeopleSearch }) {
  return (
    <form action="/people" className={css.filters} aria-label="Filter people">
      <TextInput
        type="search"
        name="q"
        defaultValue={search.q}
        placeholder="Name or e-mail"
        aria-label="Name or e-mail"
      />
      <NativeSelect size="xs" name="role" defaultValue={search.role ?? ""} data={roleChoices} aria-label="Role" />
      <NativeSelect
        size="xs"
        name="status"
        defaultValue={search.status ?? ""}
        data={statusChoices}
        aria-label="Status"
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
    </form>
  );
}
