"""Spanish."""

from typing import Final

from pipelines.knowledge.analysis.stemmed import Lexicon

SPANISH: Final = Lexicon(
    language="es",
    stemmer="spanish",
    everyday="""
    el la los las un una unos unas lo al del de a ante con contra desde en entre hacia hasta para por según sin
    sobre tras yo tú él ella usted nosotros ellos ellas ustedes vosotros me te se nos os le les mi mis tu tus su sus
    nuestro nuestra nuestros nuestras vuestro este esta estos estas ese esa esos esas eso esto aquel aquella y e o u
    pero sino aunque porque que qué quién quien quiénes cuál cual cuáles cómo como cuándo cuando cuánto cuánta
    cuántos cuántas cuanto dónde donde es son soy eres somos ser era eran fue sea está están estoy estamos estar
    estaba hay había haya he ha han hemos tiene tienen tengo tenemos tener tenía puede pueden puedo podemos poder
    podría podrían debe deben debo hacer hace hacen hago quiero quiere quieren querer quisiera va van voy vamos ir
    viene venir más menos muy mucho mucha muchos muchas poco poca todo toda todos todas otro otra otros otras mismo
    misma cada algún alguno alguna algo nada nadie ninguno ninguna ya aún todavía siempre nunca también tampoco sí
    no si aquí ahí allí entonces luego así bien gracias hola buenos días tardes favor decir dice dígame diga saber
    sé sabe pregunta preguntas cosa cosas necesito necesita necesitamos existe existen ofrecen ofrece funciona
    funcionan usar uso usa utilizar trabaja trabajan trabajar solo sólo justo exactamente realmente cerca mes meses
    año años anual mensual momento cualquier dar darme darse darnos encuentran mañana
    """,
    asks_price=r"\bcuanto (?:es|vale|sale|seria|me sale)\b|^cuanto\W*$",
    synonyms="""
    precio precios tarifa tarifas costo coste costos cuesta cuestan costar caro cara barato pagar pago cobran cobrar
    plan planes paquete paquetes suscripción
    descuento descuentos rebaja rebajas oferta promoción
    factura facturas facturación transferencia tarjeta
    contrato contratos permanencia compromiso cancelar cancelación baja plazo
    prueba pruebas probar gratis gratuito gratuita demo
    almacenar almacenados almacenan guardan guardar guardados alojados servidores servidor
    rgpd gdpr privacidad protección conformidad cumplen
    seguro segura seguridad cifrado cifrados encriptado certificación certificado iso
    integración integraciones integrar integra conectar conexión api compatible sincronizar
    ayuda ayudar ayudan soporte asistencia atención
    instalación instalar configurar configuración empezar comenzar implementación onboarding
    idioma idiomas español inglés francés alemán habla hablar hablan
    usuario usuarios licencia licencias puestos
    llamada llamadas llamar llama teléfono telefónica
    humano humana persona personas agente asesor colega
    robot bot máquina ia artificial ordenador computadora
    grabación grabaciones grabar graban grabado
    diferencia diferente competencia competidores comparar mejor
    empresa compañía oficina sede fundada
    cita citas reunión reuniones
    """,
)
