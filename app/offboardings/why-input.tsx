import "@/components/inputs.css";
import { TextInput } from "@mantine/core";

type Props = { value: string; onChange: (words: string) => void };

/** Why somebody decides so, as the record keeps it. */
export function WhyInput({ value, onChange }: Props) {
  return (
    <TextInput
      label="Why"
      value={value}
      maxLength={1_000}
      mb="sm"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
