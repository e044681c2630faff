// The answers: kept in this browser as they are given, written to a file, read back from one.
const FORMAT = "rating-answers-1";
const STORAGE = `rating-kit/${kit.id}`;

class Answers {
  constructor() {
    this.rater = "";
    this.given = {}; // question id -> { value, comment, at }
    this.kept = false; // whether the browser keeps them
    this.atRisk = false; // whether closing the page loses some
    this.read();
  }

  // Another tab with this page may have written since.
  read() {
    try {
      const stored = JSON.parse(localStorage.getItem(STORAGE) ?? "{}");
      this.rater = stored.rater ?? "";
      this.given = stored.given ?? {};
      this.kept = true;
    } catch {
      this.kept = false;
    }
  }

  write() {
    try {
      localStorage.setItem(STORAGE, JSON.stringify({ rater: this.rater, given: this.given }));
      this.kept = true;
    } catch {
      this.kept = false;
    }
    this.atRisk = !this.kept;
  }

  forget() {
    this.rater = "";
    this.given = {};
    this.write();
  }

  valueOf(question) {
    return this.given[question.id]?.value;
  }

  commentOn(question) {
    return this.given[question.id]?.comment ?? "";
  }

  countIn(asked) {
    return asked.filter((question) => question.id in this.given).length;
  }

  give(question, value) {
    this.given[question.id] = { value, comment: this.commentOn(question), at: now() };
    this.write();
  }

  comment(question, comment) {
    this.given[question.id] = { ...this.given[question.id], comment, at: now() };
    this.write();
  }

  takeBack(question) {
    delete this.given[question.id];
    this.write();
  }

  toFile() {
    const head = { format: FORMAT, kit: kit.id, rater: this.rater, saved: now() };
    const file = { ...head, preferences: [], ratings: [] };
    for (const question of questions) {
      const answer = this.given[question.id];
      if (!answer) continue;
      const { list, ...entry } = question.entry;
      const value = list === "preferences" ? { verdict: answer.value } : { score: answer.value };
      file[list].push({ ...entry, ...value, comment: answer.comment, at: answer.at });
    }
    return JSON.stringify(file, null, 1) + "\n";
  }

  // Takes over what a file holds; of two answers to one question the later one stays.
  // Throws an Error whose message is meant for the reader.
  fromFile(text) {
    const file = parse(text);
    if (file.format !== FORMAT) throw new Error("This file holds no answers of a rating page.");
    if (file.kit !== kit.id) throw new Error("These answers belong to another rating page.");
    const found = [...file.preferences.map(verdictIn), ...file.ratings.map(scoreIn)];
    for (const { id, value } of found) {
      const options = questionById.get(id)?.options ?? [];
      if (!options.some((option) => option.value === value)) {
        throw new Error(`This file is damaged: its answer to ${id} does not fit this page.`);
      }
    }
    for (const { id, value, comment, at } of found) {
      if (!(this.given[id]?.at > at)) this.given[id] = { value, comment, at };
    }
    this.rater ||= file.rater;
    this.write();
    return found.length;
  }
}

function verdictIn(entry) {
  return { id: verdictId(entry), value: entry.verdict, comment: entry.comment, at: entry.at };
}

function scoreIn(entry) {
  return { id: scoreId(entry), value: entry.score, comment: entry.comment, at: entry.at };
}

function parse(text) {
  try {
    const file = JSON.parse(text);
    return { preferences: [], ratings: [], ...file };
  } catch {
    throw new Error("This file cannot be read as JSON. Choose the file that was downloaded here.");
  }
}

function now() {
  return new Date().toISOString();
}
