namespace SoftIov.Pcie;

/// <summary>Which capabilities each view of a function shows, and in which order.</summary>
internal static class ConfigSpaceFactory
{
    /// <summary>
    /// The assigned view: an ordinary endpoint. SR-IOV and ARI stay out: their next-function and VF BAR fields speak of a bus the client
    /// does not see, and VFs are the operator's to enable. ACS stays out too: a lone function may not have it (PCIe 6.12.1.3).
    /// </summary>
    public static ConfigSpace Assigned(PciFunction function, FunctionParts parts)
    {
        List<Capability> capabilities = [];
        if (parts.Physical is null)
        {
            capabilities.Add(new PowerManagementCapability(
                function, ConfigView.Assigned, parts.NoSoftReset, function.ResetAssigned, function.UpdateBusMaster));
        }

        AddShared(capabilities, function, new PcieCapability(function, followsPhysical: false, function.ResetAssigned));
        List<Capability> extended = [new AerCapability(function, followsPhysical: false)];
        AddSerialNumber(extended, parts);
        return new ConfigSpace(new EndpointHeader(function, ConfigView.Assigned, isMultiFunction: false), capabilities, extended);
    }

    /// <summary>The fabric view.</summary>
    public static ConfigSpace Fabric(PciFunction function, FunctionParts parts)
    {
        bool isVirtual = parts.Physical is not null;
        Action reset = parts.ResetFromBus ?? function.ResetAssigned;
        List<Capability> capabilities = [];
        if (!isVirtual)
        {
            capabilities.Add(new PowerManagementCapability(
                function, ConfigView.Fabric, parts.NoSoftReset, parts.ResetFromPower ?? reset, parts.BusPowerChanged ?? function.UpdateBusMaster));
        }

        AddShared(capabilities, function, new PcieCapability(function, isVirtual, reset));
        List<Capability> extended = [new AerCapability(function, isVirtual), new AriCapability(parts.NextFunction)];
        if (parts.Sriov is { } sriov)
            extended.Add(sriov);
        if (!isVirtual && (parts.Sriov is not null || parts.IsMultiFunction))
            extended.Add(new AcsCapability(function));
        AddSerialNumber(extended, parts);
        ConfigBlock header = isVirtual
            ? new VirtualFunctionHeader(function)
            : new EndpointHeader(function, ConfigView.Fabric, parts.IsMultiFunction);
        return new ConfigSpace(header, capabilities, extended);
    }

    private static void AddShared(List<Capability> capabilities, PciFunction function, PcieCapability express)
    {
        if (function.Description.MsiVectorCount > 0)
            capabilities.Add(new MsiCapability(function));
        if (function.Description.MsixVectorCount > 0)
            capabilities.Add(new MsixCapability(function));
        capabilities.Add(express);
        foreach (IVendorCapability vendor in function.Description.VendorCapabilities)
            capabilities.Add(new VendorCapability(vendor));
    }

    private static void AddSerialNumber(List<Capability> extended, FunctionParts parts)
    {
        if (parts.SerialNumber != 0)
            extended.Add(new DsnCapability(parts.SerialNumber));
    }
}
