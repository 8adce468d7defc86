//! The composition: the provider's exports become what the component imports.

use std::collections::HashSet;

use wac_graph::types::{ItemKind, Package, SubtypeChecker, Types};
use wac_graph::{CompositionGraph, EncodeOptions, PackageId};

use crate::caught::caught;
use crate::names::{Interface, shown};
use crate::offer::{Export, Offer};
use crate::{Error, PROVIDER, limits};

/// Plugs the provider into a component.
///
/// # Errors
///
/// If the component does not fit; see [`Error`].
pub fn compose(component: &[u8]) -> Result<Vec<u8>, Error> {
    compose_with(component, PROVIDER)
}

/// Plugs another provider into a component.
///
/// # Errors
///
/// As [`compose`], and if the provider is none.
pub fn compose_with(component: &[u8], provider: &[u8]) -> Result<Vec<u8>, Error> {
    limits::check(component).map_err(Error::Component)?;
    limits::check(provider).map_err(Error::Provider)?;
    caught(|| plug(component, provider)).unwrap_or_else(|panic| Err(Error::Panic(panic)))
}

fn plug(component: &[u8], provider: &[u8]) -> Result<Vec<u8>, Error> {
    let mut graph = CompositionGraph::new();
    let socket = register(&mut graph, "component", component).map_err(Error::Component)?;
    let plug = register(&mut graph, "provider", provider).map_err(Error::Provider)?;
    let imports = matches(&graph, socket, plug)?;

    let socket_node = graph.instantiate(socket);
    let plug_node = graph.instantiate(plug);
    for (import, export) in imports {
        let argument = graph
            .alias_instance_export(plug_node, &export)
            .map_err(failure)?;
        graph
            .set_instantiation_argument(socket_node, &import, argument)
            .map_err(failure)?;
    }
    let exports: Vec<String> = world(&graph, socket).1.map(|(name, _)| name).collect();
    for name in exports {
        let export = graph
            .alias_instance_export(socket_node, &name)
            .map_err(failure)?;
        graph.export(export, name).map_err(failure)?;
    }
    graph.encode(EncodeOptions::default()).map_err(failure)
}

fn failure(error: impl std::error::Error) -> Error {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    Error::Composition(message)
}

fn register(graph: &mut CompositionGraph, name: &str, bytes: &[u8]) -> Result<PackageId, String> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .map_err(|error| format!("{error:#}"))?;
    graph
        .register_package(package)
        .map_err(|error| error.to_string())
}

type Items<'a> = Box<dyn Iterator<Item = (String, ItemKind)> + 'a>;

/// What a component imports and exports.
fn world(graph: &CompositionGraph, package: PackageId) -> (Items<'_>, Items<'_>) {
    let world = &graph.types()[graph[package].ty()];
    let items = |(name, kind): (&String, &ItemKind)| (name.clone(), *kind);
    (
        Box::new(world.imports.iter().map(items)),
        Box::new(world.exports.iter().map(items)),
    )
}

fn is_of_package((name, _): &(String, ItemKind)) -> bool {
    Interface::parse(name).is_some()
}

/// For each interface of the package that the component imports, the provider's export.
fn matches(
    graph: &CompositionGraph,
    socket: PackageId,
    plug: PackageId,
) -> Result<Vec<(String, String)>, Error> {
    let (imports, mut exports) = world(graph, socket);
    let wanted: Vec<_> = imports.filter(is_of_package).collect();
    if wanted.is_empty() {
        return Err(match exports.find(is_of_package) {
            Some(_) => Error::Exports,
            None => Error::NoImport,
        });
    }
    let (mut imports, exports) = world(graph, plug);
    let mut offer = Offer::default();
    exports.for_each(|(name, kind)| offer.add(name, kind));
    if offer.is_empty() {
        return Err(Error::NoProvider);
    }
    if let Some((name, _)) = imports.find(is_of_package) {
        return Err(Error::ProviderImports(name));
    }
    check_others(graph, socket)?;
    let types = graph.types();
    wanted
        .into_iter()
        .map(|(import, kind)| {
            let export = offer.find(&import)?;
            check_types(types, &import, kind, export)?;
            Ok((import, export.name.clone()))
        })
        .collect()
}

/// Holds that an export has everything that is imported.
fn check_types(
    types: &Types,
    import: &str,
    wanted: ItemKind,
    export: &Export,
) -> Result<(), Error> {
    if let (ItemKind::Instance(wanted), ItemKind::Instance(provided)) = (wanted, export.kind) {
        let provided = &types[provided].exports;
        let mut items = types[wanted].exports.keys();
        if let Some(item) = items.find(|item| !provided.contains_key(*item)) {
            return Err(Error::MissingItem {
                item: shown(item),
                import: import.to_owned(),
                provided: export.name.clone(),
            });
        }
    }
    let mut cache = HashSet::default();
    SubtypeChecker::new(&mut cache)
        .is_subtype(export.kind, types, wanted, types)
        .map_err(|error| Error::Mismatch {
            import: import.to_owned(),
            reason: format!("{error:#}"),
        })
}

/// Holds that no other import uses the package: its resources would be those of another provider.
fn check_others(graph: &CompositionGraph, socket: PackageId) -> Result<(), Error> {
    let types = graph.types();
    let others = world(graph, socket).0.filter(|item| !is_of_package(item));
    for (import, kind) in others {
        let ItemKind::Instance(interface) = kind else {
            continue;
        };
        let used = types[interface].uses.values();
        let mut used = used.filter_map(|used| types[used.interface].id.clone());
        if let Some(uses) = used.find(|id| Interface::parse(id).is_some()) {
            return Err(Error::Shared { import, uses });
        }
    }
    Ok(())
}
