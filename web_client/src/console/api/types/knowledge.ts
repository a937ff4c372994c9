export interface KnowledgeStatus {
  subject: string;
  uses_example: boolean;
  file_topics: number;
  stored_topics: number;
}

export interface Topic {
  id: string;
  title: string;
  text: string;
  /** The document it came of. */
  document_id: string | null;
  created_at: string;
  updated_at: string;
}

export interface KnownDocument {
  id: string;
  name: string;
  size_bytes: number;
  status: "processing" | "ready" | "failed";
  error: { code: string; message: string } | null;
  pages: number | null;
  topics: number;
}

export interface Findings {
  passages: { title: string; text: string; score: number }[];
}

export interface KnowledgeImport {
  created: number;
  updated: number;
  deleted: number;
}
