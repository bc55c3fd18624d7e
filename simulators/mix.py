"""All sites that come along, as one: what the demo plays."""

from itertools import zip_longest

from simulators.site import Group, Site, load_site, shipped


def mixed() -> Site:
    """The shipped sites side by side, their areas named after them; the first devices are of each site in turn."""
    sites = {name: load_site(name) for name in shipped()}
    areas = {
        f"{name}_{area}": settings.model_copy(update={"couplings": couplings(name, site, area)})
        for name, site in sites.items()
        for area, settings in site.areas.items()
    }
    turns = zip_longest(*([moved(name, group) for group in site.devices] for name, site in sites.items()))
    return Site(title="All sites side by side", areas=areas, devices=[group for turn in turns for group in turn if group is not None])


def couplings(name: str, site: Site, area: str) -> dict[str, list[str]]:
    """What an area reads, by the names that areas have in the mix."""
    return {source: [f"{name}_{one}" for one in read] for source, read in site.inputs(area).items() if read}


def moved(name: str, group: Group) -> Group:
    """A group of devices of a site, by the names that areas have in the mix."""
    carries = {slot: f"{name}_{said}" if "." in said else said for slot, said in group.carries.items()}
    mains = None if group.mains is None else f"{name}_{group.mains}"
    return group.model_copy(update={"area": f"{name}_{group.area}", "carries": carries, "mains": mains})
