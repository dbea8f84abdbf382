import type { Random } from "./random";

// Given and family names that go together; the weight is how common they are here.
const cultures: readonly (readonly [number, string, string])[] = [
  [
    13,
    "Anna Erik Karin Lars Ingrid Nils Astrid Björn Sigrid Søren Freja Mikkel Henrik Liv Åsa Oskar Maja Jonas Tuva Elin",
    "Lindqvist Sand Holm Bergström Nyström Sørensen Dahl Lund Åkesson Hansen Nygaard Öberg Ekström Haugen Møller Sjöberg",
  ],
  [
    14,
    "Jonas Lena Tom Katrin Florian Jürgen Sabine Matthias Greta Felix Ulrike Stefan Heike Niklas Birgit Moritz Jana Uwe",
    "Weber Brandt Schäfer Krüger Vogel Hartmann Lüders Weiß Köhler Seidel Baumann Reuter Günther Winkler Böhm Pohl",
  ],
  [
    9,
    "Marta Paweł Agnieszka Łukasz Zofia Tomasz Kasia Jakub Małgorzata Wojciech Ewa Michał Natalia Bartosz",
    "Kowalczyk Nowak Wójcik Król Wróbel Mazur Duda Pawlak Zając Sikora Michalak Bąk Szulc Stępień",
  ],
  [
    7,
    "Diego Lucía Javier Carmen Andrés Paula Mateo Inés Sofía Álvaro Marina Rubén Núria Joaquín",
    "Santos Muñoz García Peña Ibáñez Castro Navarro Ortega Rubio Serrano Vidal Núñez Herrera",
  ],
  [
    5,
    "João Beatriz Tiago Inês Rafael Catarina Miguel Letícia Thiago Larissa",
    "Pereira Almeida Ferreira Gonçalves Ribeiro Carvalho Araújo Moreira Teixeira",
  ],
  [
    6,
    "Camille Étienne Chloé Mathieu Aurélie Guillaume Noémie Baptiste Zoë Rémi",
    "Lefèvre Moreau Girard Béranger Dubois Faure Chevalier Rousseau Garnier",
  ],
  [
    5,
    "Priya Arjun Ananya Rohan Kavya Vikram Meera Aditya Lakshmi Sanjay Neha Karthik",
    "Raman Iyer Sharma Banerjee Reddy Nair Patel Chatterjee Kulkarni Menon",
  ],
  [
    5,
    "Ines Chidi Ngozi Emeka Adaeze Tunde Folake Ifeoma Kwame Abena Kofi Amara",
    "Okafor Adeyemi Nwosu Eze Balogun Mensah Owusu Boateng Okonkwo Asante",
  ],
  [5, "Wei Jing Ming Xiu Lan Hao Yun Fang Jie Qiang", "Li Chen Wang Zhang Liu Huang Zhao Wu Lin Xu"],
  [3, "Yuki Haruto Sakura Kenji Aiko Ren Naomi Daichi", "Tanaka Satō Kobayashi Yamamoto Nakamura Itō Mori"],
  [3, "Minh Linh Trang Đức Thảo Quân Hương", "Nguyễn Trần Phạm Lê Vũ Đặng"],
  [3, "Ji-woo Min-jun Seo-yeon Hyun-woo Ha-eun", "Kim Park Choi Jung Kang Yoon"],
  [
    4,
    "Layla Omar Fatima Youssef Nour Khalid Salma Tariq Rania",
    "Haddad Mansour Khoury El-Sayed Nasser Farouk Al-Amin Ben Ali",
  ],
  [4, "Elif Mehmet Zeynep Emre Ayşe Can Defne Barış", "Yılmaz Kaya Demir Şahin Öztürk Aydın Çelik"],
  [3, "Oleksandr Iryna Andriy Kateryna Sofiya Taras Olena", "Shevchenko Kovalenko Bondarenko Tkachuk Melnyk Marchenko"],
  [3, "Sofia Marek Tereza Jakub Zuzana Ondřej Petra", "Krejčí Dolejší Martinů Janů Matějů"],
  [3, "Giulia Luca Chiara Matteo Francesca Davide", "Rossi Bianchi Conti Ricci De Luca Ferraro"],
  [2, "Eleni Giorgos Dimitra Nikos Katerina", "Ioannou Georgiou Nikolaou Vasileiou Dimitriou"],
  [2, "Saoirse Cillian Niamh Eoin Aoife", "O'Brien Murphy Byrne Gallagher Doyle"],
  [2, "Sanne Daan Fleur Bram Lotte", "de Vries van den Berg Jansen Bakker Visser"],
  [2, "Darius Shirin Parisa Kaveh", "Ahmadi Hosseini Karimi Rahimi"],
];

// Family names of more than one word, which the lists above cannot tell apart by blanks.
const joined = ["Ben Ali", "De Luca", "de Vries", "van den Berg"];

/** A name that no earlier call gave, written as its owner would. */
export function nameOf(random: Random, taken: Set<string>): string {
  for (;;) {
    const [, given, family] = random.weighted(cultures);
    const name = `${random.pick(given.split(" "))} ${random.pick(wordsOf(family))}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** The local part of an address or a login: "Łukasz de Vries" → "lukasz.devries". */
export function loginOf(name: string): string {
  const plain = name
    .replaceAll("ł", "l")
    .replaceAll("Ł", "L")
    .replaceAll("ø", "o")
    .replaceAll("Ø", "O")
    .replaceAll("đ", "d")
    .replaceAll("Đ", "D")
    .replaceAll("ß", "ss")
    .replaceAll("ı", "i")
    .normalize("NFD")
    .replace(/[^A-Za-z -]/g, "")
    .toLowerCase();
  const [given = "", ...family] = plain.split(" ");
  return `${given}.${family.join("")}`;
}

function wordsOf(list: string): string[] {
  let rest = list;
  const found = joined.filter((name) => rest.includes(name));
  for (const name of found) rest = rest.replace(name, "");
  return [...rest.split(" ").filter(Boolean), ...found];
}
