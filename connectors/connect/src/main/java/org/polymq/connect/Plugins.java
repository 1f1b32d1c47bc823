/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins in the directory of plugins: each directory of jars, and each jar, is one. What has come, has changed or
 * is gone is seen when something is looked for. The classes of one that was replaced stay with the connectors that have
 * them, and go with them. Safe from any thread.
 */
final class Plugins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);

    private final Path directory;
    private final Map<Path, Loaded> loaded = new TreeMap<>();
    private final ClassLoader own = Plugins.class.getClassLoader();

    /** @param jars by their path: when each was changed, and its size */
    private record Loaded(PluginLoader loader, Map<Path, String> jars) {}

    Plugins(Path directory) {
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /** The plugins there are now, by their place. */
    synchronized Map<Path, PluginLoader> loaders() {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> places = Files.list(directory)) {
                List<Path> there = places.sorted().toList();
                loaded.keySet().retainAll(there);
                there.forEach(this::load);
            } catch (IOException e) {
                LOG.warn("cannot list the plugins in {}", directory, e);
            }
        }
        Map<Path, PluginLoader> loaders = new TreeMap<>();
        loaded.forEach((place, each) -> loaders.put(place, each.loader()));
        return loaders;
    }

    private void load(Path place) {
        try {
            Map<Path, String> jars = new TreeMap<>();
            for (Path jar : jars(place)) {
                jars.put(jar, Files.getLastModifiedTime(jar) + " " + Files.size(jar));
            }
            Loaded known = loaded.get(place);
            if (known != null && known.jars().equals(jars)) {
                return;
            }
            // The one before is not closed: who runs with it may need more of its classes.
            loaded.remove(place);
            if (!jars.isEmpty()) {
                List<URL> urls = new ArrayList<>();
                for (Path jar : jars.keySet()) {
                    urls.add(url(jar));
                }
                String name = String.valueOf(place.getFileName());
                loaded.put(place, new Loaded(new PluginLoader(name, urls.toArray(URL[]::new), own), jars));
            }
        } catch (IOException e) {
            LOG.warn("cannot read the plugin {}", place, e);
        }
    }

    private static List<Path> jars(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return place.toString().endsWith(".jar") ? List.of(place) : List.of();
        }
        try (Stream<Path> files = Files.walk(place, 3)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    /**
     * A new object of a class that a configuration names.
     *
     * @param key the key that names it, for messages
     * @param near the loader to look into first, or null
     * @throws ConfigException if there is no such class, it is no such thing, or it cannot be made
     */
    <T> T make(String key, String name, Class<T> type, @Nullable ClassLoader near) {
        Class<?> found = find(key, name, near);
        if (!type.isAssignableFrom(found)) {
            throw new ConfigException(key, name, "is no " + type.getSimpleName());
        }
        try {
            return Foreign.call(
                    found.getClassLoader(),
                    () -> type.cast(found.getDeclaredConstructor().newInstance()));
        } catch (Exception | LinkageError e) {
            throw new ConfigException(key, name, "cannot be made: " + e);
        }
    }

    private Class<?> find(String key, String name, @Nullable ClassLoader near) {
        Set<ClassLoader> places = new LinkedHashSet<>();
        if (near != null) {
            places.add(near);
        }
        Map<Path, PluginLoader> known = loaders();
        places.addAll(known.values());
        places.add(own);
        for (ClassLoader place : places) {
            try {
                return Class.forName(name, true, place);
            } catch (ClassNotFoundException e) {
                LOG.trace("{} is not in {}", name, place);
            } catch (LinkageError e) {
                throw new ConfigException(key, name, "cannot be loaded: " + e);
            }
        }
        throw new ConfigException(key, name, "is in no plugin of " + directory + ": " + names(known.keySet()));
    }

    private static String names(Collection<Path> places) {
        return places.isEmpty()
                ? "there is none"
                : "there is "
                        + places.stream()
                                .map(place -> String.valueOf(place.getFileName()))
                                .toList();
    }

    @Override
    public synchronized void close() {
        loaded.forEach((place, each) -> {
            try {
                each.loader().close();
            } catch (IOException e) {
                LOG.warn("the plugin {} did not close well", place, e);
            }
        });
        loaded.clear();
    }
}
