namespace SoftIov.Pcie;

/// <content>Which function a request from the bus is for.</content>
internal sealed partial class SriovDevice
{
    private Completion Locate(in ConfigRequest request, out PciFunction? function)
    {
        function = null;
        if (_isDisposed)
            return Completion.UnsupportedRequest;
        ushort fromFunctionZero = request.IsType1
            ? (ushort)(request.Target.Value - (_bus << 8))
            : request.Target.DeviceFunction;
        if (fromFunctionZero < _engines.Length)
            return LocatePhysical(_engines[fromFunctionZero], out function);
        foreach (SriovEngine engine in _engines)
        {
            int vf = engine.FindVf(fromFunctionZero);
            if (vf < 0)
                continue;
            if (engine.State == SriovState.Starting)
                return Completion.RequestRetry;
            function = engine.TryVf(vf);
            return function is null ? Completion.UnsupportedRequest : Completion.Success;
        }

        return Completion.UnsupportedRequest;
    }

    private static Completion LocatePhysical(SriovEngine engine, out PciFunction? function)
    {
        function = engine.IsResetting ? null : engine.Physical;
        return function is null ? Completion.RequestRetry : Completion.Success;
    }

    private bool TryDecode(ulong address, int length, out PciFunction? function, out int bar, out ulong offset)
    {
        foreach (SriovEngine engine in _isDisposed ? [] : _engines)
        {
            if (TryDecodePhysical(engine.Physical, address, length, out bar, out offset))
            {
                function = engine.Physical;
                return IsReady(function);
            }

            if (engine.TryDecode(address, length, out int vf, out bar, out offset))
            {
                function = engine.TryVf(vf);
                return IsReady(function);
            }
        }

        (function, bar, offset) = (null, 0, 0);
        return false;
    }

    private static bool IsReady(PciFunction? function) => function is not null && function.Faults is not { IsStarting: true };

    private static bool TryDecodePhysical(PciFunction function, ulong address, int length, out int bar, out ulong offset)
    {
        bool isOpen = (function.Fabric.Command & CommandBits.MemorySpace) != 0
            && function.Fabric.PowerControl != PowerManagementCapability.D3Hot;
        for (bar = 0; isOpen && bar < BarLayout.Count; bar++)
        {
            ulong size = function.Bars.Size(bar);
            offset = address - function.Bars.Base(function.Fabric.Bars, bar);
            if (offset < size && (ulong)length <= size - offset)
                return true;
        }

        (bar, offset) = (0, 0);
        return false;
    }
}
