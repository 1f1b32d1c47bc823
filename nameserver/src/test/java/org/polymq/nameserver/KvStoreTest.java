/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.remoting.wire.BadRequestException;

class KvStoreTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("nameserver").resolve("kv.json");
    }

    @Test
    void keepsEntriesAcrossARestart() throws IOException {
        KvStore before = KvStore.open(file);
        before.put("n1", "k \"1\"", "v\n1");
        before.put("n1", "k2", "v2");
        before.put("n2", "k", "v");
        before.delete("n1", "k2");
        before.delete("n2", "k");

        KvStore after = KvStore.open(file);

        assertThat(after.get("n1", "k \"1\"")).isEqualTo("v\n1");
        assertThat(after.namespace("n1")).hasSize(1);
        assertThat(after.namespace("n2")).isEmpty();
        assertThat(after.get("none", "k")).isNull();
    }

    @Test
    void ignoresATemporaryFileThatACrashLeft() throws IOException {
        KvStore.open(file).put("n", "k", "v");
        Files.writeString(file.resolveSibling("kv.json.tmp"), "{\"configTa");

        assertThat(KvStore.open(file).get("n", "k")).isEqualTo("v");
    }

    @Test
    void doesNotOverwriteAFileItCannotRead() throws IOException {
        Files.createDirectories(directory.resolve("nameserver"));
        Files.writeString(file, "not ours");

        assertThatThrownBy(() -> KvStore.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("kv.json");
        assertThat(file).hasContent("not ours");
    }

    @Test
    void refusesAFileOfANewerVersion() throws IOException {
        KvStore.open(file).put("n", "k", "v");
        Files.writeString(file, Files.readString(file).replace("\"formatVersion\":1", "\"formatVersion\":2"));

        assertThatThrownBy(() -> KvStore.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("kv.json has format 2, which a newer version wrote");
    }

    @Test
    void refusesAnEntryThatIsTooLong() throws IOException {
        KvStore store = KvStore.open(file);

        assertThatThrownBy(() -> store.put("n", "k", "v".repeat(70_000)))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("65536");
    }
}
