import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

// A component of Mantine looks like nothing without its style sheet, and only those of every page are in globals.css.
const everywhere = ["Button", "ColorSchemeScript", "MantineProvider", "FileButton"];
const sheetOf: Record<string, string> = {
  TextInput: "inputs.css",
  Textarea: "inputs.css",
  NativeSelect: "inputs.css",
  PasswordInput: "inputs.css",
  Checkbox: "inputs.css",
  Select: "choices.css",
  Modal: "dialogs.css",
  Drawer: "dialogs.css",
  SegmentedControl: "SegmentedControl.layer.css",
  Progress: "Progress.layer.css",
  ActionIcon: "ActionIcon.layer.css",
};

test("whoever uses a component of Mantine brings its style sheet along", () => {
  const missing = [...filesIn("app"), ...filesIn("components")].flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const names = /import \{([^}]*)\} from "@mantine\/core"/.exec(text)?.[1]?.split(",") ?? [];
    return names
      .map((name) => name.trim())
      .filter((name) => /^[A-Z]/.test(name) && !everywhere.includes(name))
      .filter((name) => !text.includes(`${sheetOf[name] ?? `styles/${name}.layer.css`}";`))
      .map((name) => `${file} uses ${name} without ${sheetOf[name] ?? `its style sheet`}`);
  });
  expect(missing).toEqual([]);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => path.join(folder, name));
}
