/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the directions between modules: dependencies point down, and a protocol never sees another. */
class ArchitectureTest {
    private static final JavaClasses POLYMQ = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(place -> !place.contains("-tests.jar"))
            .importPackages("org.polymq");

    /** A module, the package it owns, and the modules it may use besides itself. */
    @SuppressWarnings("ImmutableEnumChecker") // the lists are immutable
    private enum Module {
        STORAGE("org.polymq.storage"),
        REPLICATION("org.polymq.replication", STORAGE),
        CORE("org.polymq.broker", STORAGE),
        NATIVE_WIRE("org.polymq.remoting.wire"),
        NATIVE_GATEWAY("org.polymq.remoting", CORE, NATIVE_WIRE),
        NAME_SERVER("org.polymq.nameserver", CORE, NATIVE_WIRE),
        JMS_WIRE("org.polymq.jms.wire"),
        JMS_GATEWAY("org.polymq.jms.gateway", CORE, JMS_WIRE),
        JMS_CLIENT("org.polymq.jms", JMS_WIRE),
        MQTT("org.polymq.mqtt", CORE),
        DASHBOARD("org.polymq.dashboard", CORE),
        GRID("org.polymq.grid", CORE),
        SERVER(
                "org.polymq.server",
                STORAGE,
                REPLICATION,
                CORE,
                NATIVE_WIRE,
                NATIVE_GATEWAY,
                NAME_SERVER,
                JMS_WIRE,
                JMS_GATEWAY,
                JMS_CLIENT,
                MQTT,
                DASHBOARD,
                GRID),
        COMMAND_LINE("org.polymq.cli", SERVER, CORE, STORAGE, JMS_CLIENT);

        private final String root;
        private final List<Module> mayUse;

        Module(String root, Module... mayUse) {
            this.root = root;
            this.mayUse = List.of(mayUse);
        }

        private boolean owns(JavaClass type) {
            return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
        }

        /** The module with the longest package name that holds the class. */
        static Module of(JavaClass type) {
            return Arrays.stream(values())
                    .filter(module -> module.owns(type))
                    .max(Comparator.comparingInt(module -> module.root.length()))
                    .orElseThrow(() -> new AssertionError(type.getName() + " is in no known module"));
        }
    }

    @Test
    void dependenciesPointDown() {
        assertThat(POLYMQ).isNotEmpty();

        classes()
                .should(new ArchCondition<JavaClass>("use only the modules below their own") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        Module own = Module.of(type);
                        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                            JavaClass target = dependency.getTargetClass().getBaseComponentType();
                            if (target.getPackageName().startsWith("org.polymq")) {
                                Module used = Module.of(target);
                                if (used != own && !own.mayUse.contains(used)) {
                                    events.add(SimpleConditionEvent.violated(
                                            type, own + " uses " + used + ": " + dependency.getDescription()));
                                }
                            }
                        }
                    }
                })
                .check(POLYMQ);
    }

    @Test
    void onlyTheGridKnowsHazelcast() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.polymq.grid..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.hazelcast..")
                .check(POLYMQ);
    }

    @Test
    void onlyTheCommandLineEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.polymq.cli..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(POLYMQ);
    }

    @Test
    void storageAndWireFormatsKnowNoNetwork() {
        noClasses()
                .that()
                .resideInAPackage("org.polymq.storage..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.micrometer..", "com.fasterxml..")
                .check(POLYMQ);
    }
}
