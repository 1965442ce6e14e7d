// Package rest is the FHIR R4 RESTful API (https://hl7.org/fhir/R4/http.html)
// over a fhir.Repository: one file per interaction, one rendering edge for
// errors (Error), and the envelope that every response of the gateway has.
//
// Below the base it serves, with HEAD wherever there is GET:
//
//	GET    /metadata                             capabilities
//	GET    /{type}/{id}                          read
//	GET    /{type}/{id}/_history/{version}       vread
//	POST   /{type}                               create, conditional with If-None-Exist
//	PUT    /{type}/{id}                          update, also creates; If-Match
//	PUT    /{type}?search                        conditional update
//	DELETE /{type}/{id}                          delete; If-Match
//	DELETE /{type}?search                        conditional delete of one
//	GET    /{type}/{id}/_history                 history of a resource
//	GET    /{type}/_history                      history of a type
//	GET    /_history                             history of all
//	GET    /{type}?search                        search of a type
//	POST   /{type}/_search                       the same
//	GET    /{type}/{id}/{member}?search          search of a patient's compartment, member a type or *
//	POST   /{type}/{id}/{member}/_search         the same
//	GET    /?search                              search of several types
//	POST   /_search                              the same
//	POST   /                                     batch, transaction
//	GET    /${operation}                         operation that changes nothing
//	POST   /${operation}                         operation
//	GET    /{type}/${operation}                  the same on a type
//	POST   /{type}/${operation}
//	GET    /{type}/{id}/${operation}             the same on a resource
//	POST   /{type}/{id}/${operation}
//
// The bytes of resources go through as the repository keeps them. The package
// knows neither who asks nor what they may see: the repository is a guarded one,
// and Config.Authenticate stands in front of everything but /metadata. It does
// not speak XML, has no patch, and follows no link.
package rest
