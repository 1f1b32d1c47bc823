/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** The classes of the TCK that need no application server. */
final class TckClasses {
    private static final String ROOT = "com/sun/ts/tests/jms/";
    /** In the order of the report. Sources of the TCK: whatever is not under ee or ee20 needs a plain JVM only. */
    static final List<String> PACKAGES = List.of("core", "core.appclient", "core20", "core20.appclient");

    private TckClasses() {}

    /**
     * Names of the test classes in the jar whose name contains {@code part}, those that take longest first.
     *
     * @throws IOException if the jar cannot be read or has no tests
     */
    static List<String> in(Path jar, String part) throws IOException {
        List<String> names;
        try (JarFile file = new JarFile(jar.toFile())) {
            names = file.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.startsWith(ROOT + "core/") || name.startsWith(ROOT + "core20/"))
                    .filter(name -> name.endsWith("IT.class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> name.contains(part))
                    .sorted(Comparator.comparing((String name) -> !name.contains(".core20."))
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
        if (names.isEmpty()) {
            throw new IOException(jar + " has no classes " + ROOT + "core*/**/*IT"
                    + (part.isEmpty() ? "; is it the jar of the Jakarta Messaging TCK (jms-tck)?" : " with " + part));
        }
        return names;
    }

    /** To which line of the report a class belongs. */
    static String packageOf(String name) {
        String below = name.substring(ROOT.length());
        String first = below.substring(0, below.indexOf('.'));
        return below.startsWith(first + ".appclient.") ? first + ".appclient" : first;
    }
}
